//! The curves of single processes: which ones are followed, and their samples.
//!
//! The largest are followed one by one, and all others are summed. The samples come from the sources of the sums, so
//! they're of the same moment, and cost no extra reading.

mod followed;
mod places;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use nix::time::{ClockId, clock_gettime};

use super::members::{Details, Members, Now};
use super::pace::micros;
use crate::model::record::{Block, Line, OTHERS, OTHERS_PAGES, Over};
use followed::{Followed, Rows};
use places::{Given, May, Places};

/// So many of the largest are named when all have more than ever before.
const AT_PEAK: usize = 3;

/// The curves of single processes while they are recorded.
pub(super) struct Tracks {
    start: Instant,
    /// The machine's clock when the run began, which the starts of processes are counted by.
    booted: Duration,
    places: Places,
    /// Those that are followed and live, by their number on this machine.
    followed: BTreeMap<i32, Followed>,
    others: Rows<3>,
    others_pages: Rows<2>,
    /// The most anonymous memory that all processes had together.
    most: u64,
    /// Whether any process was seen yet.
    has_begun: bool,
    lines: Vec<Line>,
    /// Samples of those that aren't followed any more.
    left: Vec<Block>,
}

impl Tracks {
    pub(super) fn new(start: Instant) -> Self {
        let booted = clock_gettime(ClockId::CLOCK_BOOTTIME).map_or(Duration::ZERO, Duration::from);
        Tracks {
            start,
            booted: booted.saturating_sub(start.elapsed()),
            places: Places::default(),
            followed: BTreeMap::new(),
            others: Rows::new(OTHERS.into(), ["rss", "anon", "processes"]),
            others_pages: Rows::new(OTHERS_PAGES.into(), ["pss", "uss"]),
            most: 0,
            has_begun: false,
            lines: Vec::new(),
            left: Vec::new(),
        }
    }

    /// Whether no process was seen yet. The first one is looked at as soon as it is there.
    pub(super) fn is_waiting(&self) -> bool {
        !self.has_begun
    }

    /// Samples each process that is followed, and the sum of all others, if they were read since the last time.
    /// Returns whether they were.
    pub(super) fn sample(&mut self, members: &mut Members) -> bool {
        let Some(details) = members.take_details() else { return false };
        let t = micros(self.start.elapsed());
        self.end_gone(members, &details);
        self.admit(members, &details, t);
        self.has_begun |= members.each_now().next().is_some();
        let mut others = [0; 3];
        for (pid, now) in members.each_now() {
            match self.followed.get_mut(&pid) {
                Some(followed) => {
                    self.places.note(followed.n(), now.highest);
                    self.lines.extend(details.get(&pid).and_then(|detail| followed.sample(t, &now, detail)));
                }
                None => {
                    others[0] += now.rss;
                    others[1] += now.anon;
                    others[2] += 1;
                }
            }
        }
        self.others.push(t, others);
        self.take_pages(members);
        true
    }

    /// Ends the tracks of those that are gone, or whose number is another process's by now.
    pub(super) fn end_gone(&mut self, members: &Members, details: &Details) {
        let is_there = |pid: &i32, followed: &Followed| {
            members.has(*pid) && details.get(pid).is_none_or(|detail| followed.is(detail))
        };
        let gone = self.followed.iter().filter(|(pid, followed)| !is_there(pid, followed));
        let t = micros(self.start.elapsed());
        for pid in gone.map(|(pid, _)| *pid).collect::<Vec<i32>>() {
            self.stop(pid, Over::Ended(t));
        }
    }

    /// The lines about processes since the last time.
    pub(super) fn lines(&mut self) -> impl Iterator<Item = Line> {
        self.lines.drain(..)
    }

    /// The samples since the last time.
    pub(super) fn take(&mut self) -> Vec<Block> {
        let mut blocks = std::mem::take(&mut self.left);
        blocks.extend(self.followed.values_mut().flat_map(Followed::take));
        blocks.extend(self.others.take().into_iter().chain(self.others_pages.take()));
        blocks
    }

    /// Gives places to those that deserve one, the largest first: so at any moment the largest are known.
    fn admit(&mut self, members: &Members, details: &Details, t: u64) {
        let is_new = |pid: i32, now: &Now| !now.shares && !self.followed.contains_key(&pid);
        let root = members.root();
        let first = members.each_now().find(|&(pid, ref now)| Some(pid) == root && is_new(pid, now));
        let bar = self.places.bar();
        let mut large: Vec<(i32, Now)> = members
            .each_now()
            .filter(|&(pid, ref now)| Some(pid) != root && now.highest >= bar && is_new(pid, now))
            .collect();
        large.sort_by_key(|(pid, now)| (std::cmp::Reverse(now.highest), *pid));
        if let Some((pid, now)) = first {
            self.follow(pid, t, details, |places| places.give(now.highest, May::Stay));
        }
        for (pid, now) in large {
            if now.highest < self.places.bar() {
                break;
            }
            self.follow(pid, t, details, |places| places.give(now.highest, May::Go));
        }
        let all = members.each_now().map(|(_, now)| now.anon).sum();
        if all > self.most {
            self.most = all;
            let mut largest: Vec<(i32, Now)> = members.each_now().filter(|(_, now)| !now.shares).collect();
            largest.sort_by_key(|(pid, now)| (std::cmp::Reverse(now.anon), *pid));
            for (pid, now) in largest.iter().take(AT_PEAK) {
                if !self.followed.contains_key(pid) {
                    self.follow(*pid, t, details, |places| places.give_at_peak(now.highest));
                }
            }
        }
    }

    fn follow(
        &mut self,
        pid: i32,
        t: u64,
        details: &Details,
        give: impl FnOnce(&mut Places) -> Option<Given>,
    ) {
        let Some(detail) = details.get(&pid) else { return };
        let Some(Given { n, instead_of }) = give(&mut self.places) else { return };
        let before = self.followed.iter().find(|(_, followed)| Some(followed.n()) == instead_of);
        if let Some((&before, _)) = before {
            self.stop(before, Over::Left(t));
        }
        let (followed, line) = Followed::begin(n, t, pid, detail, self.booted);
        self.lines.push(line);
        self.followed.insert(pid, followed);
    }

    fn stop(&mut self, pid: i32, over: Over) {
        if let Some(mut followed) = self.followed.remove(&pid) {
            self.places.free(followed.n());
            self.left.extend(followed.take());
            self.lines.push(followed.end(over));
        }
    }

    /// Takes in what a walk over page tables has found since the last pass.
    fn take_pages(&mut self, members: &mut Members) {
        let Some((at, pages)) = members.take_pages() else { return };
        let t = micros(at.saturating_duration_since(self.start));
        let mut others = [0; 2];
        for (pid, values) in pages {
            match self.followed.get_mut(&pid) {
                Some(followed) => followed.push_pages(t, values),
                None => others.iter_mut().zip(values).for_each(|(sum, value)| *sum += value),
            }
        }
        self.others_pages.push(t, others);
    }
}
