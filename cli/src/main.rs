//! The command `cardsavr`.

use std::process::ExitCode;

fn main() -> ExitCode {
    cardsavr_cli::main()
}
