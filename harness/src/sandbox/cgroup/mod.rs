//! A fresh memory control group for each run: the limit, the exact total, the true peak, the count of OOM kills.
//! Version 2 if the machine has it (cgroups(7), cgroup-v2.rst), else version 1.

mod around;
mod group;
mod parent;
mod stat;
pub(crate) mod version;

pub(crate) use around::{Hierarchies, room, that_bound};
pub(crate) use group::{Bounds, Group};
pub(super) use group::{give_back, remove};
pub(crate) use parent::CgroupParent;
pub(super) use parent::leave;
pub(crate) use stat::{Split, Stat};
pub(super) use version::own_in_version_1;
