//! The report: its formats, and the outputs it is written to.

mod excerpt;
mod format;
mod github;
mod html;
mod human;
mod json;
mod junit;
mod markdown;
mod outputs;
mod sarif;
pub mod stats;
mod style;
mod target;
pub mod timeline;

pub use self::format::Format;
pub use self::human::{Human, Shown};
pub use self::json::{Json, JsonLines};
pub use self::outputs::open;
pub use self::target::Target;
