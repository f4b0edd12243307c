//! The table: one row for each case.

use crate::way::Mode;

/// What must come of a case.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Expected {
    /// The script gets the words of the recorder as its arguments, up to `--`; or none. It must print the same,
    /// leave the same files and end with the same code.
    Same,
    /// The script gets the words of the recorder as its arguments, before its options. It looks by itself, and
    /// ends with 0 if all is right. The code 77 means that the machine lacks what it has printed.
    Right,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    /// A sentence.
    pub(crate) name: &'static str,
    /// The script, in `cases/`: of sh or Python.
    pub(crate) file: &'static str,
    /// What the script finds in `WORD`.
    pub(crate) word: &'static str,
    pub(crate) expected: Expected,
    pub(crate) modes: &'static [Mode],
    /// The limits that make the recorder confine it.
    pub(crate) limits: &'static [&'static str],
    /// Programs of the machine that it needs, but for those of coreutils.
    pub(crate) tools: &'static [&'static str],
    /// A program in C that it runs, in `cases/` too, without `.c`.
    pub(crate) program: Option<&'static str>,
}

impl Row {
    const fn new(name: &'static str, file: &'static str, expected: Expected) -> Row {
        let limits = &["--memory", "1G", "--timeout", "100s"];
        let modes = &[Mode::Watched, Mode::Confined];
        Row { name, file, word: "", expected, modes, limits, tools: &[], program: None }
    }

    const fn word(self, word: &'static str) -> Row {
        Row { word, ..self }
    }

    const fn limits(self, limits: &'static [&'static str]) -> Row {
        Row { limits, ..self }
    }

    const fn only(self, modes: &'static [Mode]) -> Row {
        Row { modes, ..self }
    }

    const fn tools(self, tools: &'static [&'static str]) -> Row {
        Row { tools, ..self }
    }

    const fn program(self, name: &'static str) -> Row {
        Row { program: Some(name), tools: &["cc"], ..self }
    }

    /// What runs the script.
    pub(crate) fn interpreter(&self) -> &'static [&'static str] {
        if self.file.ends_with(".py") { &["python3"] } else { &["sh"] }
    }
}

const fn same(name: &'static str, file: &'static str) -> Row {
    Row::new(name, file, Expected::Same)
}

const fn right(name: &'static str, file: &'static str) -> Row {
    Row::new(name, file, Expected::Right)
}

const CONFINED: &[Mode] = &[Mode::Confined];
const WATCHED: &[Mode] = &[Mode::Watched];
const UNSHARE: &[&str] = &["unshare"];

/// All rows, by the kind of what is tried.
#[rustfmt::skip]
pub(crate) const KINDS: &[(&str, &[Row])] = &[
    ("nothing is destroyed", &[
        right("a_device_stays_a_device", "output_device.sh"),
        right("a_link_stays_a_link_and_its_file_gets_the_record", "output_link.sh"),
        right("a_pipe_stays_a_pipe_and_its_reader_gets_the_record", "output_fifo.sh"),
        right("a_pipe_without_a_name_gets_the_record", "output_stdout.sh"),
        right("a_file_is_replaced_and_what_is_next_to_it_is_not", "output_file.sh"),
        right("a_leftover_temporary_file_blocks_nobody", "output_leftover.sh"),
        right("a_link_at_the_temporary_name_is_not_followed", "output_planted.sh"),
        right("exports_follow_links_and_leave_pipes", "exports.sh"),
        right("a_users_own_folder_in_shared_memory_is_left_alone", "own_folder_in_shm.sh").tools(UNSHARE),
        right("a_users_own_folder_in_the_temporary_folder_is_left_alone", "own_folder_in_tmp.sh"),
        right("a_recorder_in_another_pid_namespace_disturbs_nobody", "pid_namespaces.sh").tools(UNSHARE),
        right("lab_clean_spares_a_command_that_is_recorded", "clean.sh"),
        right("a_folder_of_scenarios_is_no_workbook", "scenarios_folder.sh"),
        right("root_believes_no_strangers_scenarios", "planted_scenarios.sh"),
        right("root_writes_through_no_strangers_link", "strangers_link.sh"),
    ]),
    ("the recorder fails", &[
        right("a_full_store_harms_no_command", "store.sh").word("full").tools(UNSHARE),
        right("a_read_only_store_harms_no_command", "store.sh").word("read_only").tools(UNSHARE),
        right("a_store_that_is_deleted_harms_no_command", "store.sh").word("deleted"),
        right("a_home_that_is_not_writable_harms_no_command", "store.sh").word("not_writable"),
        right("a_home_that_is_not_utf8_is_one_like_others", "store.sh").word("not_utf8"),
        same("a_deleted_working_directory_harms_no_command", "deleted_folder.sh"),
        right("a_report_that_fails_leaves_the_exit_code", "report_fails.sh"),
        right("a_bad_path_is_said_and_the_command_runs", "bad_path.sh"),
        right("a_read_only_temporary_folder_harms_no_command", "temporary_folder.sh").word("read_only").tools(UNSHARE),
        right("a_full_temporary_folder_harms_no_command", "temporary_folder.sh").word("full").tools(UNSHARE),
        right("an_absent_temporary_folder_harms_no_command", "temporary_folder.sh").word("absent").tools(UNSHARE),
        right("a_file_for_a_temporary_folder_harms_no_command", "temporary_folder.sh").word("file").tools(UNSHARE),
    ]),
    ("signals, terminals and time", &[
        same("a_command_ends_by_each_signal_as_without", "endings.sh"),
        same("an_orphan_ends_by_each_signal_and_the_command_goes_on", "orphans_endings.py"),
        same("a_signal_to_the_recorder_arrives_once", "signals.py").word("one"),
        same("a_signal_to_the_group_arrives_once", "signals.py").word("group"),
        same("ctrl_c_leaves_time_for_a_checkpoint", "checkpoint.py").word("SIGINT"),
        same("an_end_of_the_batch_job_leaves_time_for_a_checkpoint", "checkpoint.py").word("SIGTERM"),
        same("an_end_of_the_terminal_leaves_time_for_a_checkpoint", "checkpoint.py").word("SIGHUP"),
        same("ctrl_c_three_times_arrives_three_times", "impatient.py"),
        // A number of processes that binds nobody: without one, an ordinary user's sandbox has a last limit.
        same("dispositions_masks_and_limits_are_inherited", "inherited.py").limits(&["--memory", "1G", "--processes", "1000000"]),
        same("a_command_is_who_its_user_is", "own_user.sh"),
        same("a_command_under_nohup_survives_its_terminal", "nohup.py").tools(&["nohup"]),
        right("a_signal_in_the_first_milliseconds_is_not_lost", "early_signals.py"),
        right("a_command_that_ignores_ctrl_c_has_its_grace", "grace.py").only(CONFINED),
        same("ctrl_c_on_a_terminal", "terminal.py").word("ctrl_c").tools(&["bash"]),
        same("ctrl_z_on_a_terminal", "terminal.py").word("ctrl_z").tools(&["bash"]),
        same("ctrl_backslash_on_a_terminal", "terminal.py").word("ctrl_backslash").tools(&["bash"]),
        same("a_program_that_stops_itself_on_a_terminal", "terminal.py").word("stops_itself").tools(&["bash"]),
        same("a_terminal_that_changes_its_size", "terminal.py").word("size").tools(&["bash"]),
        same("a_program_that_reads_from_a_terminal", "terminal.py").word("reads").tools(&["bash"]),
        same("a_program_in_the_background_of_a_terminal", "terminal.py").word("background").tools(&["bash"]),
        right("a_timeout_of_half_a_second_is_half_a_second", "timeout_500ms.sh").limits(&[]).only(CONFINED),
        right("a_command_that_ended_in_time_has_not_timed_out", "timeout_in_time.sh").limits(&[]).only(CONFINED),
        right("the_time_goes_on_for_a_command_that_is_stopped", "timeout_stopped.sh").limits(&[]).only(CONFINED),
    ]),
    ("arguments, environment, streams and limits", &[
        same("arguments_of_229_kb_arrive", "many_arguments.sh"),
        same("arguments_are_bytes", "odd_arguments.sh"),
        same("the_path_of_a_program_is_bytes", "odd_program.sh"),
        same("an_environment_of_1_mb_arrives", "environment.py"),
        right("what_can_not_be_started_is_said_with_126_or_127", "not_started.sh"),
        same("streams_are_the_commands_own", "streams.sh"),
        same("open_descriptors_are_the_commands_own", "descriptors.sh"),
        right("live_keeps_input_and_output_whole", "live.sh"),
        right("live_in_a_pipe_whose_reader_goes", "live_pipe.sh"),
        same("marks_with_forked_workers", "workers.py").word("fork"),
        same("marks_with_spawned_workers", "workers.py").word("spawn"),
        same("marks_with_workers_of_a_server", "workers.py").word("forkserver"),
        same("a_resource_tracker_has_its_moment", "tracker.py"),
        same("a_helper_has_its_moment", "helper.sh"),
        same("a_daemon_has_its_moment", "descendants.sh").tools(&["setsid"]),
        same("a_limit_of_file_size_is_the_commands", "ulimits.sh").word("f"),
        same("a_soft_limit_of_descriptors_is_the_commands", "ulimits.sh").word("soft"),
        same("a_hard_limit_of_descriptors_is_the_commands", "ulimits.sh").word("n"),
        same("a_limit_of_addresses_is_the_commands", "ulimits.sh").word("v"),
        same("a_limit_of_the_stack_is_the_commands", "ulimits.sh").word("s"),
        same("a_limit_of_time_is_the_commands", "ulimits.sh").word("t"),
        right("a_user_of_few_processes_reads_why", "few_processes.sh").tools(&["prlimit"]),
        same("storms_of_processes_and_threads", "storms.sh").program("storms"),
        same("a_recorder_in_a_recorder_in_a_recorder", "nested_fate.sh"),
        right("a_programs_own_peak_is_its_own_or_said_to_be_reset", "own_peak.py"),
    ]),
    ("right numbers, or a word", &[
        right("the_kill_of_a_worker_takes_no_other", "worker_out_of_memory.py").limits(&[]).only(CONFINED),
        right("of_300_processes_few_descriptors_see_all", "few_descriptors.py").limits(&["--memory", "2G"]),
        right("a_child_that_shares_memory_has_none", "shares.sh").program("shares").limits(&["--memory", "1G"]),
        right("huge_pages_that_come_and_go_are_somebodys", "huge_pages.py").limits(&["--memory", "1G"]),
        right("private_memory_counts", "memory_limit.sh").word("private").program("takes").limits(&[]).only(CONFINED),
        right("a_memory_file_counts", "memory_limit.sh").word("memfd").program("takes").limits(&[]).only(CONFINED),
        right("memory_of_system_v_counts", "memory_limit.sh").word("sysv").program("takes").limits(&[]).only(CONFINED),
        right("shared_maps_count", "memory_limit.sh").word("shared").program("takes").limits(&[]).only(CONFINED),
        right("threads_after_the_main_thread_count", "memory_limit.sh").word("thread").program("takes").limits(&[]).only(CONFINED),
        right("children_count", "memory_limit.sh").word("children").program("takes").limits(&[]).only(CONFINED),
        right("pipes_count", "memory_limit.sh").word("pipes").program("takes").limits(&[]).only(CONFINED),
        same("a_borrowed_address_space_counts_once", "spawns.py").limits(&["--memory", "300M"]),
        right("the_memory_of_a_nested_recorder_counts", "nested.sh").program("takes"),
        right("a_child_of_other_rights_is_said", "setuid.sh").program("setuid"),
        right("a_childs_deadly_signal_is_said", "child_signal.sh"),
        right("a_child_that_the_oom_killer_took_is_said", "child_killed.py").limits(&[]).only(CONFINED),
        right("the_exit_code_of_an_attached_process_is_said", "attached.sh").only(WATCHED),
        right("escape_sequences_never_reach_a_terminal_raw", "escapes.py"),
        right("odd_words_are_escaped_in_pictures_and_pages", "pictures.py"),
        right("commands_are_listed_in_their_order", "ls_order.py"),
    ]),
    ("limits that hold, and hurt nobody", &[
        right("others_shared_memory_is_not_the_commands", "other_shm.sh").limits(&[]).tools(UNSHARE).only(CONFINED),
        right("a_full_shared_memory_is_the_commands_error", "full_shm.sh").only(CONFINED),
        right("the_limit_of_the_enclosing_group_holds", "enclosing_group.sh").program("takes"),
        right("groups_below_the_runs_group_go_with_it", "groups_below.sh").only(CONFINED),
        right("a_forged_report_is_not_believed", "forged.py").limits(&[]).only(CONFINED),
        right("without_namespaces_what_stays_is_said", "own_ipc.sh").tools(&["unshare", "setpriv", "ipcmk", "ipcrm"]).only(CONFINED),
    ]),
    ("input without sense", &[
        right("without_proc_the_code_is_125", "no_proc.sh").tools(UNSHARE),
        right("a_clock_before_1970_stops_nobody", "clock.sh").tools(&["cc"]),
        right("a_channel_that_is_shut_down", "channel.py").word("shut_down"),
        right("a_channel_that_is_half_shut_down", "channel.py").word("half_shut_down"),
        right("a_channel_full_of_waits", "channel.py").word("wait_flood"),
        right("a_channel_full_of_marks", "channel.py").word("mark_flood"),
        right("a_channel_full_of_garbage", "channel.py").word("garbage"),
        right("a_channel_with_a_line_without_end", "channel.py").word("long_line"),
        right("a_sparse_record_of_20_gib", "odd_records.sh").word("sparse").only(WATCHED),
        right("a_pipe_among_the_records", "odd_records.sh").word("fifo").only(WATCHED),
        right("a_record_of_300_000_tracks", "odd_records.sh").word("tracks").only(WATCHED),
        right("a_folder_among_the_records", "odd_records.sh").word("folder").only(WATCHED),
        right("a_record_that_is_cut", "odd_records.sh").word("cut").only(WATCHED),
        right("a_record_that_is_none", "odd_records.sh").word("binary").only(WATCHED),
        right("a_record_of_deep_brackets", "odd_records.sh").word("deep").only(WATCHED),
    ]),
];
