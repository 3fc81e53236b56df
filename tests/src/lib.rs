//! What the suites share: a deployed book store and its users, its contract, and how a suite runs and reports.

pub mod aws;
pub mod contract;
pub mod http;
pub mod images;
pub mod journeys;
pub mod load;
pub mod schema;
pub mod shop;
pub mod suite;
