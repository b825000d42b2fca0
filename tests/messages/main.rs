//! The wire types: round trips, and errors that are precise and contain no secrets.

mod any_input;
mod errors;
mod formats;
mod numbers;
mod parts;
mod round_trip;
mod samples;
mod scan;
mod secrets;
