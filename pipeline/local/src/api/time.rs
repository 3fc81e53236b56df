use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ciborium::tag::Required;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A moment in UTC, to the millisecond: epoch seconds in JSON, tag 1 in CBOR, as the AWS protocols want it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp {
    millis: u64,
}

impl Timestamp {
    pub fn now() -> Self {
        SystemTime::now().into()
    }

    pub fn millis(self) -> u64 {
        self.millis
    }

    pub fn seconds(self) -> f64 {
        self.millis as f64 / 1000.0
    }

    /// The time from `earlier` to this moment; zero when the clock was set back in between.
    pub fn since(self, earlier: Timestamp) -> Duration {
        Duration::from_millis(self.millis.saturating_sub(earlier.millis))
    }

    pub fn plus(self, later: Duration) -> Self {
        Self { millis: self.millis.saturating_add(later.as_millis() as u64) }
    }

    /// For people and messages, to the second.
    pub fn rfc3339(self) -> String {
        let seconds = i64::try_from(self.millis / 1000).unwrap_or(i64::MAX);
        let moment = time::OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(time::OffsetDateTime::UNIX_EPOCH);
        moment.format(&time::format_description::well_known::Rfc3339).unwrap_or_default()
    }
}

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        let since_epoch = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { millis: since_epoch.as_millis() as u64 }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.serialize_f64(self.seconds())
        } else {
            Required::<f64, 1>(self.seconds()).serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let seconds = if deserializer.is_human_readable() {
            f64::deserialize(deserializer)?
        } else {
            Required::<f64, 1>::deserialize(deserializer)?.0
        };
        Ok(Self { millis: (seconds * 1000.0).round() as u64 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_carries_epoch_seconds_and_cbor_tag_1() {
        let time = Timestamp { millis: 1_700_000_000_250 };
        assert_eq!(serde_json::to_string(&time).unwrap(), "1700000000.25");

        let mut cbor = Vec::new();
        ciborium::into_writer(&time, &mut cbor).unwrap();
        assert_eq!(cbor[0], 0xc1, "major type 6, tag 1");
        assert_eq!(ciborium::from_reader::<Timestamp, _>(cbor.as_slice()).unwrap(), time);
    }
}
