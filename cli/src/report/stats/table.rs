//! The statistics as tables for people.

use std::io::{self, Write};

use anstyle::Style;
use cardsavr_protocol::conformance::Totals;

use super::row::{Row, RowKind};
use crate::report::style::{BOLD, ILLEGAL, SKIPPED};
use crate::text::HumanDuration;

pub fn print(rows: &[Row], has_times: bool, totals: &Totals, to: &mut impl Write) -> io::Result<()> {
    writeln!(
        to,
        "{BOLD}jobs{BOLD:#}: {}, not ended: {}, messages: {}",
        totals.jobs, totals.unterminated, totals.messages
    )?;
    if !has_times {
        writeln!(
            to,
            "no record has a time, so there are no durations: add an `at` to the records, or name their time with --time-pointer"
        )?;
    }
    for (table, title) in [
        (RowKind::Job, "Jobs by termination type, with their durations"),
        (RowKind::End, "Jobs by final status"),
        (RowKind::Wait, "Waits, with their durations"),
        (RowKind::Transition, "Transitions, with the duration of the first status"),
    ] {
        let rows: Vec<_> = rows.iter().filter(|row| row.table == table).collect();
        if !rows.is_empty() {
            writeln!(to)?;
            print_table(title, &rows, has_times && table != RowKind::End, to)?;
        }
    }
    Ok(())
}

fn print_table(title: &str, rows: &[&Row], has_durations: bool, to: &mut impl Write) -> io::Result<()> {
    let width = rows.iter().map(|row| label(row).chars().count()).max().unwrap_or_default();
    writeln!(to, "{BOLD}{title}{BOLD:#}")?;
    if has_durations {
        let [count, min, median, p95, max] = ["count", "least", "median", "95 %", "greatest"];
        writeln!(to, "  {:width$} {count:>9} {min:>13} {median:>13} {p95:>13} {max:>13}", "")?;
    }
    for row in rows {
        let style = match row.kind {
            Some("illegal") => ILLEGAL,
            Some("skipped") => SKIPPED,
            _ => Style::new(),
        };
        write!(to, "  {style}{:width$}{style:#} {:>9}", label(row), row.count)?;
        if let Some(durations) = row.durations.filter(|_| has_durations) {
            let of = durations.quantiles;
            for duration in [of.min, of.median, of.p95, of.max] {
                write!(to, " {:>13}", HumanDuration(duration))?;
            }
        }
        writeln!(to)?;
    }
    Ok(())
}

fn label(row: &Row) -> String {
    let kind = row.kind.filter(|&kind| kind != "legal").map(|kind| format!(" ({kind})")).unwrap_or_default();
    match row.to {
        Some(to) => format!("{} → {to}{kind}", row.name),
        None => format!("{}{kind}", row.name),
    }
}
