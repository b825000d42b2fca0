//! `cardsavr completions` and `cardsavr man`, generated from the definitions of the arguments.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::Command;

use super::explain;
use super::outcome::{Failure, Verdict, refused};

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cardsavr completions bash >> ~/.bash_completion
  cardsavr completions zsh > ~/.zfunc/_cardsavr
  cardsavr completions fish > ~/.config/fish/completions/cardsavr.fish

Exit status: 0, or 2 for bad usage.")]
pub struct CompletionsArgs {
    /// The shell
    pub shell: clap_complete::Shell,
}

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cardsavr man --out ~/.local/share/man/man1

Exit status: 0, or 2 for bad usage or if a file can't be written.")]
pub struct ManArgs {
    /// Write a page for each command to DIR
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

pub fn completions(args: &CompletionsArgs, mut command: Command) -> Result<Verdict, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "cardsavr", &mut script);
    if args.shell == clap_complete::Shell::Fish {
        // `clap_complete` leaves the values of a positional argument out.
        let names: Vec<&str> = explain::names().collect();
        let condition = "__fish_cardsavr_using_subcommand explain";
        writeln!(script, "complete -c cardsavr -n \"{condition}\" -f -a \"{}\"", names.join(" "))?;
    }
    io::stdout().lock().write_all(&script)?;
    Ok(Verdict::Clean)
}

pub fn man(args: &ManArgs, command: Command) -> Result<Verdict, Failure> {
    let command = command.disable_help_subcommand(true);
    let written = fs::create_dir_all(&args.out).and_then(|()| clap_mangen::generate_to(command, &args.out));
    written.map_err(|error| {
        let directory = args.out.display();
        refused(format_args!(
            "{directory}: the pages can't be written: {error}; name another directory with --out"
        ))
    })?;
    Ok(Verdict::Clean)
}
