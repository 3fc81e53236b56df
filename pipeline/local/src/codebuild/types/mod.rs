//! The shapes of the CodeBuild API, as far as the local service supports them: what it has no field for, it refuses.

mod build;
mod project;
mod report;

pub use build::*;
pub use project::*;
pub use report::*;
