//! Inputs: files, directories and standard input, decompressed and cut into records.

pub mod files;
pub mod interrupt;
mod pattern;
pub mod pointer;
pub mod progress;
pub mod records;
pub mod unpacked;
