//! Money.

use serde::{Deserialize, Serialize};

/// What one copy costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    pub amount: Cents,
    pub currency: Currency,
}

/// Hundredths of the currency's unit; never a fraction, never negative, at most 10,000.00.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u64")]
pub struct Cents(u32);

/// ISO 4217. Only currencies with cents, as [`Cents`] stands for hundredths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Currency {
    Eur,
    Gbp,
    Usd,
}

impl Currency {
    pub fn code(self) -> &'static str {
        match self {
            Self::Eur => "EUR",
            Self::Gbp => "GBP",
            Self::Usd => "USD",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be at most {} cents", Cents::MAX)]
pub struct PriceTooHigh;

impl Cents {
    pub const MAX: u32 = 1_000_000;

    pub fn get(self) -> u32 {
        self.0
    }
}

impl TryFrom<u64> for Cents {
    type Error = PriceTooHigh;

    fn try_from(cents: u64) -> Result<Self, PriceTooHigh> {
        u32::try_from(cents).ok().filter(|cents| *cents <= Self::MAX).map(Self).ok_or(PriceTooHigh)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price(json: &str) -> Result<Price, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn a_price_is_whole_cents_of_a_known_currency() {
        let read = price(r#"{"amount":1250,"currency":"EUR"}"#).unwrap();
        assert_eq!((read.amount.get(), read.currency), (1250, Currency::Eur));
        assert!(price(r#"{"amount":1000000,"currency":"USD"}"#).is_ok());
    }

    #[test]
    fn other_amounts_and_currencies_are_refused() {
        for amount in ["-1", "12.5", "\"1250\"", "1000001", "18446744073709551616", "null"] {
            assert!(price(&format!(r#"{{"amount":{amount},"currency":"EUR"}}"#)).is_err(), "{amount}");
        }
        for currency in ["eur", "JPY", ""] {
            assert!(price(&format!(r#"{{"amount":1,"currency":"{currency}"}}"#)).is_err(), "{currency}");
        }
        assert!(price(r#"{"amount":1,"currency":"EUR","vat":7}"#).is_err());
    }
}
