//! Which host this is, what its clocks say, and which part of a job this process is.

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use nix::time::{ClockId, clock_gettime};

use crate::model::record::Place;

/// The place of this process.
pub(crate) fn here() -> Place {
    let (wall_ns, monotonic_ns) = clocks();
    let read = |path| fs::read_to_string(path).ok().map(|text: String| text.trim().to_owned());
    Place {
        host: read("/proc/sys/kernel/hostname").unwrap_or_default(),
        boot_id: read("/proc/sys/kernel/random/boot_id"),
        wall_ns,
        monotonic_ns,
        ..of(&|name| std::env::var(name).ok())
    }
}

/// The wall clock and the monotonic one, in nanoseconds.
pub(crate) fn clocks() -> (u64, u64) {
    let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    // This clock is on every Linux, and was never before its start.
    let monotonic =
        clock_gettime(ClockId::CLOCK_MONOTONIC).map(std::time::Duration::from).unwrap_or_default();
    [wall, monotonic].map(|time| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)).into()
}

/// The variables in which a launcher numbers what it starts, and says how many that are. The innermost one counts: a
/// step of Slurm may start mpirun(1), which has its own ranks.
const RANKS: [(&str, Option<&str>); 4] = [
    ("OMPI_COMM_WORLD_RANK", Some("OMPI_COMM_WORLD_SIZE")),
    ("PMI_RANK", Some("PMI_SIZE")),
    (SLURM_RANK, Some("SLURM_STEP_NUM_TASKS")),
    ("PMIX_RANK", None),
];

/// A batch script has it as well, with the number of tasks that its steps may have: but it is only one process.
const SLURM_RANK: &str = "SLURM_PROCID";

/// What a launcher says of the job in the variables of the environment.
fn of(variable: &dyn Fn(&str) -> Option<String>) -> Place {
    let first = |names: &[&str]| {
        let mut values = names.iter().filter_map(|name| variable(name));
        values.find(|value| !value.is_empty())
    };
    let number = |name: &str| variable(name)?.parse().ok();
    let step = first(&["SLURM_STEP_ID"]);
    let ranked = RANKS.iter().filter(|(rank, _)| *rank != SLURM_RANK || step.is_some());
    let mut ranked = ranked.filter_map(|(rank, ranks)| Some((number(rank)?, ranks.and_then(number))));
    let (rank, ranks) = ranked.next().unzip();
    Place {
        job: first(&["SLURM_JOB_ID", "PBS_JOBID", "LSB_JOBID"]),
        step,
        node: first(&["SLURMD_NODENAME"]),
        rank,
        ranks: ranks.flatten(),
        array_task: ["SLURM_ARRAY_TASK_ID", "PBS_ARRAY_INDEX", "JOB_COMPLETION_INDEX"]
            .into_iter()
            .find_map(number),
        ..Place::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(variables: &[(&str, &str)]) -> Place {
        of(&|name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn a_step_of_slurm_has_ranks_and_a_batch_script_is_one_process() {
        let job = [("SLURM_JOB_ID", "7"), ("SLURM_PROCID", "0"), ("SLURM_NTASKS", "8")];
        let batch = place(&job);
        assert_eq!((batch.rank, batch.is_one_of_several(), batch.is_of_a_job()), (None, false, true));
        let step = [("SLURM_STEP_ID", "2"), ("SLURM_STEP_NUM_TASKS", "8"), ("SLURMD_NODENAME", "n1")];
        let step = place(&[&job[..], &step[..]].concat());
        assert_eq!((step.rank, step.ranks, step.is_one_of_several()), (Some(0), Some(8), true));
        assert_eq!((step.step.as_deref(), step.node()), (Some("2"), "n1"));
    }

    #[test]
    fn the_innermost_launcher_numbers_the_ranks() {
        let slurm = [("SLURM_STEP_ID", "0"), ("SLURM_PROCID", "0"), ("SLURM_STEP_NUM_TASKS", "1")];
        let open_mpi = [("OMPI_COMM_WORLD_RANK", "3"), ("OMPI_COMM_WORLD_SIZE", "4"), ("PMIX_RANK", "3")];
        let place = place(&[slurm, open_mpi].concat());
        assert_eq!((place.rank, place.ranks), (Some(3), Some(4)));
    }

    #[test]
    fn one_rank_alone_is_not_one_of_several_and_an_unknown_number_may_be_more() {
        assert!(!place(&[("PMI_RANK", "0"), ("PMI_SIZE", "1")]).is_one_of_several());
        assert!(place(&[("PMIX_RANK", "0")]).is_one_of_several());
        let nothing = place(&[("SLURM_JOB_ID", ""), ("PMI_RANK", "first")]);
        assert_eq!(nothing, Place::default());
    }

    #[test]
    fn the_clocks_go_forward_and_the_host_has_a_name() {
        let (before, after) = (clocks(), clocks());
        assert!(before.1 <= after.1 && before.1 > 0);
        assert!(!here().host.is_empty());
    }
}
