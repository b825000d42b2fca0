//! Inputs: files, directories and standard input, decompressed and split into records.

pub mod decompress;
pub mod files;
pub mod find;
pub mod interrupt;
pub mod name;
pub mod pieces;
pub mod pointer;
pub mod progress;
pub mod records;
