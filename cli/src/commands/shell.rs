//! What shells and `man` want of the command, made from the definitions that it reads its own arguments by.

use std::fs;
use std::io::{self, Write};

use clap::CommandFactory;

use crate::commands::args::{self, Args};
use crate::commands::{Failure, Verdict, refused};

/// `cardsavr completions`: a script that completes names and options.
pub fn completions(args: &args::Completions) -> io::Result<Verdict> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "cardsavr", &mut script);
    io::stdout().lock().write_all(&script)?;
    Ok(Verdict::Clean)
}

/// `cardsavr man`: a page for the command, and one for each of its subcommands.
pub fn man(args: &args::Man) -> Result<Verdict, Failure> {
    let command = Args::command().disable_help_subcommand(true);
    let written = fs::create_dir_all(&args.out).and_then(|()| clap_mangen::generate_to(command, &args.out));
    written.map_err(|error| {
        let directory = args.out.display();
        refused(format_args!(
            "{directory}: the pages can't be written: {error}; name another directory with --out"
        ))
    })?;
    Ok(Verdict::Clean)
}
