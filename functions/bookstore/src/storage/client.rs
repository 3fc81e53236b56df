//! The client of DynamoDB, made once for the life of the process.

use aws_sdk_dynamodb::Client;

use super::Table;
use crate::{
    aws,
    environment::{self, MissingVariable},
};

impl Table {
    pub async fn from_env() -> Result<Self, MissingVariable> {
        let name = environment::variable("TABLE_NAME")?;
        Ok(Self::new(Client::new(&aws::config().await), name))
    }
}
