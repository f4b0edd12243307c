//! Ticks that people like, and numbers with their units.

use super::Unit;

/// One axis: where it ends, and its labelled places.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Axis {
    /// The value at the far end; the near end is 0.
    pub(super) top: f64,
    /// Values between the two ends, with their texts; the last one carries the unit.
    pub(super) ticks: Vec<(f64, String)>,
}

impl Axis {
    /// An axis of values from 0 to at least `highest`, with at most `count` steps.
    ///
    /// Bytes go in steps of powers of two, because memory does, and are labelled in the largest
    /// unit that makes every label a whole number.
    pub(super) fn of_values(unit: Unit, highest: u64, count: usize) -> Self {
        let highest = match (unit, highest) {
            // A run that used nothing is drawn on the scale of one that used something.
            (Unit::Bytes, 0) => f64::from(4 << 20),
            _ => (highest as f64).max(1.0),
        };
        let least = highest / count.max(1) as f64;
        let step = match unit {
            Unit::Bytes => 2f64.powf(least.log2().ceil().max(0.0)),
            Unit::Count | Unit::Microseconds => decimal_step(least).max(1.0),
        };
        // A quarter of a step is steady enough while a curve grows, and wastes little of the height.
        let round = if step >= 4.0 { step / 4.0 } else { step };
        let top = (highest / round).ceil() * round;
        let (size, name) = unit_of(unit, step);
        Axis { top, ticks: ticks(top, step, |value| format!("{}", value / size), name) }
    }

    /// An axis of the time from 0 to exactly `span` microseconds, with at most `count` steps.
    pub(super) fn of_time(span: u64, count: usize) -> Self {
        let top = span as f64;
        let step = decimal_step(top / count.max(1) as f64);
        // A hair more, for a tenth of a second is less than 100000 microseconds by as much.
        let decimals = (6.0 - (step.log10() + 1e-9).floor()).clamp(0.0, 9.0) as usize;
        Axis { top, ticks: ticks(top, step, |value| format!("{:.decimals$}", value / 1e6), "s") }
    }

    /// An axis of shares from 0 to 1, with at most `count` steps.
    pub(super) fn of_shares(count: usize) -> Self {
        let step = decimal_step(1.0 / count.max(1) as f64);
        Axis { top: 1.0, ticks: ticks(1.0, step, |value| format!("{:.0}", value * 100.0), "%") }
    }

    /// The place of a value on the axis, from 0.0 to 1.0.
    pub(super) fn place(&self, value: f64) -> f64 {
        (value / self.top).clamp(0.0, 1.0)
    }

    /// The longest text of a tick, in characters.
    pub(super) fn widest(&self) -> usize {
        self.ticks.iter().map(|(_, text)| text.len()).max().unwrap_or(0)
    }
}

/// A value in the unit that suits its size, with three digits: `31.9 MiB`.
pub fn amount(unit: Unit, value: u64) -> String {
    let value = value as f64;
    let (size, name) = unit_of(unit, value);
    let number = match value / size {
        number if size == 1.0 || number >= 99.95 => format!("{number:.0}"),
        number if number >= 9.995 => short(format!("{number:.1}")),
        number => short(format!("{number:.2}")),
    };
    if name.is_empty() || value == 0.0 { number } else { format!("{number} {name}") }
}

/// A time of so many microseconds in seconds, with about three digits: `0.052 s`.
pub fn seconds(micros: u64) -> String {
    let seconds = micros as f64 / 1e6;
    let decimals = match seconds {
        _ if seconds < 0.1 => 3,
        _ if seconds < 10.0 => 2,
        _ if seconds < 100.0 => 1,
        _ => 0,
    };
    format!("{seconds:.decimals$} s")
}

/// The places 0, step, 2 step ... up to `top`.
fn ticks(top: f64, step: f64, text: impl Fn(f64) -> String, unit: &str) -> Vec<(f64, String)> {
    // The axis may end a hair before the last tick, for numbers as 0.1 aren't exact.
    let last = (top / step * (1.0 + 1e-9)).floor();
    let mut ticks = vec![(0.0, "0".to_owned())];
    let mut index = 1.0;
    while index <= last {
        ticks.push((step * index, text(step * index)));
        index += 1.0;
    }
    if let Some((_, text)) = ticks.last_mut()
        && !unit.is_empty()
    {
        text.push(' ');
        text.push_str(unit);
    }
    ticks
}

/// The smallest of ... 0.5, 1, 2, 5, 10, 20 ... that isn't less than `least`.
fn decimal_step(least: f64) -> f64 {
    let decade = 10f64.powf(least.log10().floor());
    let nice = [1.0, 2.0, 5.0].into_iter().find(|nice| nice * decade >= least * (1.0 - 1e-9));
    nice.unwrap_or(10.0) * decade
}

/// The largest unit that isn't larger than `value`: its size and its name.
fn unit_of(unit: Unit, value: f64) -> (f64, &'static str) {
    let (base, names) = match unit {
        Unit::Bytes => (1024.0, ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]),
        Unit::Count => (1000.0, ["", "k", "M", "G", "T", "P", "E"]),
        Unit::Microseconds => (1000.0, ["us", "ms", "s", "ks", "Ms", "Gs", "Ts"]),
    };
    let mut size = 1.0;
    let mut index = 0;
    while value >= size * base && index + 1 < names.len() {
        size *= base;
        index += 1;
    }
    (size, names[index])
}

/// A decimal number without the zeros at its end.
fn short(number: String) -> String {
    number.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    fn texts(axis: &Axis) -> String {
        axis.ticks.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn bytes_go_in_whole_powers_of_two_up_to_the_value_or_just_above() {
        assert_eq!(texts(&Axis::of_values(Unit::Bytes, 640 * MIB, 5)), "0 128 256 384 512 640 MiB");
        assert_eq!(texts(&Axis::of_values(Unit::Bytes, 641 * MIB, 4)), "0 256 512 MiB");
        assert_eq!(texts(&Axis::of_values(Unit::Bytes, 160 << 30, 5)), "0 32 64 96 128 160 GiB");
        assert_eq!(texts(&Axis::of_values(Unit::Bytes, 0, 2)), "0 2 4 MiB");
    }

    #[test]
    fn counts_and_seconds_go_in_ones_twos_and_fives() {
        assert_eq!(texts(&Axis::of_values(Unit::Count, 160, 4)), "0 50 100 150");
        assert_eq!(texts(&Axis::of_values(Unit::Count, 3, 8)), "0 1 2 3");
        assert_eq!(texts(&Axis::of_time(900_000, 5)), "0 0.2 0.4 0.6 0.8 s");
        assert_eq!(texts(&Axis::of_time(45_000_000, 5)), "0 10 20 30 40 s");
        assert_eq!(texts(&Axis::of_time(300_000, 3)), "0 0.1 0.2 0.3 s");
    }

    #[test]
    fn an_axis_stays_small_however_large_its_end() {
        for unit in [Unit::Bytes, Unit::Count, Unit::Microseconds] {
            for highest in [0, 1, 1023, 1025, u64::MAX] {
                let axis = Axis::of_values(unit, highest, 6);
                assert!((2..=7).contains(&axis.ticks.len()), "{axis:?}");
                assert!(axis.top >= highest as f64 && axis.widest() <= 12, "{axis:?}");
            }
        }
        for span in [1, 999, 3_600_000_000, u64::MAX] {
            let axis = Axis::of_time(span, 6);
            assert!((2..=7).contains(&axis.ticks.len()), "{axis:?}");
        }
    }

    #[test]
    fn amounts_have_three_digits_and_the_unit_that_suits_them() {
        let amounts = [0, 1, 1023, 1536, 32 * MIB - 99_999, 640 * MIB, 1280 * MIB, u64::MAX]
            .map(|value| amount(Unit::Bytes, value));
        assert_eq!(amounts, ["0", "1 B", "1023 B", "1.5 KiB", "31.9 MiB", "640 MiB", "1.25 GiB", "16 EiB"]);
        assert_eq!((amount(Unit::Count, 160), amount(Unit::Count, 12_500)), ("160".into(), "12.5 k".into()));
        assert_eq!(
            [0, 52_300, 900_000, 12_340_000, 3_600_000_000].map(seconds),
            ["0.000 s", "0.052 s", "0.90 s", "12.3 s", "3600 s"]
        );
    }
}
