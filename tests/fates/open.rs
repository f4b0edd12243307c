//! The cases of which it's known that `lab` doesn't do them yet.
//!
//! They are reported as ignored, with the reason, and are never counted as right.
//! `cargo test --test fates -- --include-ignored` runs them too.

/// What is open: the name of a trial or the beginning of it, and what is missing.
#[rustfmt::skip]
const OPEN: &[(&str, &str)] = &[
    ("a_device_stays_a_device", "only what was asked for is written: the picture beside the record goes"),
    ("a_link_stays_a_link_and_its_file_gets_the_record", "only what was asked for is written: the picture beside the record goes"),
    ("a_pipe_stays_a_pipe_and_its_reader_gets_the_record", "only what was asked for is written: the picture beside the record goes"),
    ("a_file_is_replaced_and_what_is_next_to_it_is_not", "only what was asked for is written: the picture beside the record goes"),
    ("exports_follow_links_and_leave_pipes", "seen to fail on a busy machine"),
    ("a_users_own_folder_in_the_temporary_folder_is_left_alone", "`lab clean` leaves what isn't of `lab` in the store"),
    ("lab_clean_spares_a_command_that_is_recorded", "`lab clean` spares records that are being written"),
    ("a_folder_of_scenarios_is_no_workbook", "a folder is a workbook only if it has a scenario.toml"),
    ("root_believes_no_strangers_scenarios", "root believes no workbook of another user"),
    ("a_full_store_harms_no_command", "a run goes on when its store fails"),
    ("a_read_only_store_harms_no_command", "a run goes on when its store fails"),
    ("a_home_that_is_not_writable_harms_no_command", "a run goes on when its store fails"),
    ("a_store_that_is_deleted_harms_no_command", "a run goes on when its store fails"),
    ("a_deleted_working_directory_harms_no_command", "a run needs no working directory"),
    ("a_report_that_fails_leaves_the_exit_code", "a report that can't be written leaves the exit code"),
    ("a_bad_path_is_found_before_the_command_starts", "paths of reports are looked at before the command starts"),
    ("a_timeout_of_half_a_second_is_half_a_second", "a time limit is counted in whole seconds"),
    ("live_keeps_input_and_output_whole", "--live passes the command's output on"),
    ("live_in_a_pipe_whose_reader_goes", "--live passes the command's output on"),
    ("a_limit_of_file_size_is_the_commands", "the shell's limit of file size also ends the record"),
    ("a_limit_of_descriptors_is_the_commands", "`lab` itself needs more than 16 descriptors"),
    ("a_limit_of_the_stack_is_the_commands", "an unoptimized `lab` needs more than 256 KiB of stack"),
    ("a_limit_of_time_is_the_commands", "`lab` ends with 128 and the number of the signal, and isn't killed by it as its command was"),
    ("a_program_in_the_background_of_a_terminal::confined", "a namespace has no number for the terminal's group, so the command takes itself for it"),
    ("ctrl_c_three_times_arrives_three_times", "seen to fail on a busy machine"),
    ("a_memory_file_counts::confined::user", "the watchdog's peak is lost if it ends a run between two samples"),
    ("pipes_count::confined::user", "memory of pipes counts only in control groups"),
    ("a_programs_own_peak_is_its_own", "an ordinary user's program sees the peak of `lab` in its own"),
    ("a_child_of_other_rights_is_said::watched::user", "a child of other rights is named in the report of an ordinary user's run"),
    ("a_childs_deadly_signal_is_said", "a report names the signals that ended children"),
    ("a_child_that_the_oom_killer_took_is_said", "a report names the children that the OOM killer took"),
    ("the_exit_code_of_an_attached_process_is_said", "the report of an attached process says how it ended"),
    ("escape_sequences_never_reach_a_terminal_raw", "names of processes are printed as they are"),
    ("odd_words_are_escaped_in_pictures_and_pages", "names of processes are drawn as they are"),
    ("commands_are_listed_in_their_order", "commands of one second are listed in no order"),
    ("without_proc_the_code_is_125", "without /proc the reason is said and the code is 125"),
    ("a_sparse_record_of_20_gib", "a huge sparse file among the records is skipped"),
    ("a_channel_full_of_marks", "a flood of marks costs the run minutes"),
    ("a_pipe_among_the_records", "a pipe among the records is skipped"),
    ("a_record_of_300_000_tracks", "a record of very many processes is bounded"),
    ("the_time_goes_on_for_a_command_that_is_stopped", "a command that stops itself is ended when its time is over"),
];

/// What is missing for a trial; `None` when nothing is.
pub(crate) fn missing(trial: &str) -> Option<&'static str> {
    OPEN.iter().find(|(name, _)| trial.starts_with(name)).map(|&(_, missing)| missing)
}
