//! The wire types: what they read goes out as it should, and what they can't read is told well and told safely.

mod any_input;
mod compact;
mod errors;
mod formats;
mod numbers;
mod parts;
mod round_trip;
mod samples;
mod secrets;
