//! The life cycle and the messages for other tools and languages.

pub mod diagram;
mod lifecycle;
#[cfg(feature = "schemars")]
pub mod schema;

pub use lifecycle::{ExpiryRow, Lifecycle};
