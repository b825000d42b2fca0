//! The life cycle as a picture.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;

use strum::VariantArray;

use crate::spec::{Edition, Phase, Status, TerminationType, Transition};

// Pixels: the rows, the boxes of the statuses, and the columns of the ends.
const ROW: usize = 34;
const TOP: usize = 150;
const BOX_X: usize = 196;
const BOX_WIDTH: usize = 184;
const BOX_HEIGHT: usize = 24;
const ARC: usize = 15;
const ENDS_X: usize = 606;
const ENDS_STEP: usize = 46;

const STYLE: &str = "\
svg{--ink:#1b2230;--soft:#5b6577;--line:#2f6fde;--back:#8a4fbf;--fill:#eaf1fe;--wait:#b26a00;--page:#fff;--band:#f5f7fb;\
font:13px system-ui,sans-serif}\
@media(prefers-color-scheme:dark){svg{--ink:#e6eaf2;--soft:#9aa6ba;--line:#7aa7ff;--back:#c79bf2;--fill:#22304a;\
--wait:#f0a840;--page:#141a24;--band:#1a2230}}\
.page{fill:var(--page)}.band{fill:var(--band)}text{fill:var(--ink)}.soft{fill:var(--soft)}\
.box{fill:var(--fill);stroke:var(--line)}.wait{stroke:var(--wait);stroke-width:2}\
.arc{fill:none;stroke:var(--line);stroke-width:1.5;marker-end:url(#head)}.back{stroke:var(--back);marker-end:url(#tail)}\
#head path,.dot{fill:var(--line)}#tail path{fill:var(--back)}";

/// The life cycle as an SVG picture, which needs no other tool and adapts to a light or dark theme.
///
/// The statuses in progress are a column, in the order in which a job takes them. An arrow on the right goes forward,
/// an arrow on the left goes back. A box with a thick border awaits something of the client. The dots of a row are the
/// termination types that a job may end with in that status, and whether it may be cancelled.
///
/// ```
/// use cardsavr_protocol::Edition;
/// use cardsavr_protocol::export::diagram::svg;
///
/// assert!(svg(Edition::V2021).contains(r#"<title>PENDING_TFA to TFA_RECEIVED: recorded</title>"#));
/// ```
pub fn svg(edition: Edition) -> String {
    let rows: Vec<_> = in_order(edition).into_iter().filter(|status| !status.is_terminal()).collect();
    let height = TOP + rows.len() * ROW + 16;
    let columns = columns(edition);
    let width = ENDS_X + columns.len() * ENDS_STEP + 60;
    let mut text = String::new();
    // Writing to a string cannot fail.
    _ = writeln!(
        text,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" role=\"img\" aria-label=\"The life cycle of a CardSavr job\">\n<style>{STYLE}</style>"
    );
    for marker in ["head", "tail"] {
        _ = writeln!(
            text,
            "<marker id=\"{marker}\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" \
             markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path d=\"M0 0 8 4 0 8z\"/></marker>"
        );
    }
    _ = writeln!(text, "<rect class=\"page\" width=\"{width}\" height=\"{height}\"/>");
    phases(&mut text, &rows, width);
    ends(&mut text, edition, &rows, &columns);
    for transition in edition.transitions() {
        arrow(&mut text, &rows, transition);
    }
    for (row, &status) in rows.iter().enumerate() {
        let (y, class) = (TOP + row * ROW, if status.awaits().is_some() { "box wait" } else { "box" });
        _ = writeln!(
            text,
            "<g><title>{}</title><rect class=\"{class}\" x=\"{BOX_X}\" y=\"{}\" width=\"{BOX_WIDTH}\" \
             height=\"{BOX_HEIGHT}\" rx=\"6\"/><text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{status}</text></g>",
            status.description().replace('&', "&amp;"),
            y - BOX_HEIGHT / 2,
            BOX_X + BOX_WIDTH / 2,
            y + 4,
        );
    }
    text += "</svg>\n";
    text
}

/// All statuses of an edition in the order in which a diagram shows them: by phase, the first statuses of a job first, then in table
/// order.
pub fn in_order(edition: Edition) -> Vec<Status> {
    let starts = Status::STARTS.iter().rev().copied();
    let others = edition.statuses().iter().filter(|status| !Status::STARTS.contains(status));
    let mut statuses: Vec<_> = starts.chain(others).collect();
    statuses.sort_by_key(|status| status.phase());
    statuses
}

/// A band behind the statuses of each phase, with its name.
fn phases(text: &mut String, rows: &[Status], width: usize) {
    for (number, phase) in Phase::VARIANTS.iter().enumerate() {
        let Some(first) = rows.iter().position(|status| status.phase() == *phase) else { continue };
        let count = rows.iter().filter(|status| status.phase() == *phase).count();
        let y = TOP + first * ROW - ROW / 2;
        if number % 2 == 0 {
            _ = writeln!(
                text,
                "<rect class=\"band\" y=\"{y}\" width=\"{width}\" height=\"{}\"/>",
                count * ROW
            );
        }
        _ = writeln!(text, "<text class=\"soft\" x=\"12\" y=\"{}\">{phase}</text>", y + 21);
    }
}

/// A column of the matrix of ends.
enum Column {
    Cancellation,
    Ends(TerminationType),
    /// The statuses that end a job with any type.
    EndsWithAny,
}

impl Column {
    fn name(&self) -> &'static str {
        match self {
            Self::Cancellation => Status::CancelRequested.as_str(),
            Self::Ends(termination_type) => termination_type.into(),
            Self::EndsWithAny => "any type",
        }
    }

    fn contains(&self, edition: Edition, status: Status) -> bool {
        match self {
            Self::Cancellation => status == Status::CancelRequested,
            Self::Ends(termination_type) => edition.termination_type(status) == Some(*termination_type),
            Self::EndsWithAny => status.is_terminal() && edition.termination_type(status).is_none(),
        }
    }
}

/// The columns that a status of the edition belongs to.
fn columns(edition: Edition) -> Vec<Column> {
    let types = TerminationType::VARIANTS.iter().copied().map(Column::Ends);
    let columns = core::iter::once(Column::Cancellation).chain(types).chain([Column::EndsWithAny]);
    columns
        .filter(|column| edition.statuses().iter().any(|status| column.contains(edition, status)))
        .collect()
}

/// The columns, each with a dot in the row of each status that leads there.
fn ends(text: &mut String, edition: Edition, rows: &[Status], columns: &[Column]) {
    for (number, column) in columns.iter().enumerate() {
        let (x, name) = (ENDS_X + number * ENDS_STEP, column.name());
        let y = TOP - ROW / 2 - 8;
        _ = writeln!(text, "<text class=\"soft\" transform=\"translate({x} {y}) rotate(-38)\">{name}</text>");
        for (row, &status) in rows.iter().enumerate() {
            if edition.successors(status).iter().any(|to| column.contains(edition, to)) {
                _ = writeln!(
                    text,
                    "<circle class=\"dot\" cx=\"{x}\" cy=\"{}\" r=\"5\"><title>{status} to {name}</title></circle>",
                    TOP + row * ROW
                );
            }
        }
    }
}

/// An arrow between two statuses in progress: straight to the next row, else an arc, forward on the right, back on the
/// left. Cancellation, which is possible nearly everywhere, is a column instead.
fn arrow(text: &mut String, rows: &[Status], Transition { from, to, basis }: Transition) {
    let row = |status| rows.iter().position(|row| *row == status);
    let (Some(start), Some(end)) = (row(from), row(to)) else { return };
    if to == Status::CancelRequested {
        return;
    }
    let (start_y, end_y) = (TOP + start * ROW, TOP + end * ROW);
    let span = start.abs_diff(end);
    let (class, path) = if end == start + 1 {
        let x = BOX_X + BOX_WIDTH / 2;
        ("arc", alloc::format!("M{x} {}V{}", start_y + BOX_HEIGHT / 2, end_y - BOX_HEIGHT / 2))
    } else if end > start {
        let (x, bend) = (BOX_X + BOX_WIDTH, BOX_X + BOX_WIDTH + 20 + span * ARC);
        (
            "arc",
            alloc::format!(
                "M{x} {}C{bend} {} {bend} {} {x} {}",
                start_y + 4,
                start_y + 4,
                end_y - 4,
                end_y - 4
            ),
        )
    } else {
        let (x, bend) = (BOX_X, BOX_X - 20 - span * ARC);
        (
            "arc back",
            alloc::format!(
                "M{x} {}C{bend} {} {bend} {} {x} {}",
                start_y - 4,
                start_y - 4,
                end_y + 4,
                end_y + 4
            ),
        )
    };
    _ = writeln!(text, "<path class=\"{class}\" d=\"{path}\"><title>{from} to {to}: {basis}</title></path>");
}
