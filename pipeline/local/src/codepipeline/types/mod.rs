//! Shapes of the CodePipeline API.

mod execution;
mod state;

pub use execution::*;
pub use state::*;
