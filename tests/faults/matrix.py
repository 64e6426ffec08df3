"""What can go wrong, what netrain does then, and the tests that show it.

    python tests/faults/matrix.py            every row, without what takes minutes
    python tests/faults/matrix.py --slow     every row, all of it

Prints a line a row: its number, the fault, the expectation, the result; exits 1 where one does not hold.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
CONFIG = "faults/test_faults_config.py"
DATA = "faults/test_faults_data.py"
FILES = "faults/test_faults_files.py"
NUMBERS = "faults/test_faults_numbers.py"
PROCESS = "faults/test_faults_process.py"
STORAGE = "faults/test_faults_storage.py"
CSV = "data/test_csv.py"
END = "test_end_to_end.py"

SLOW = "only with --slow"

BAD_CONFIG = f"{CONFIG}::test_what_is_no_config_exits_2_at_its_place"
BAD_TABLE = f"{DATA}::test_what_cannot_be_trained_on_exits_3_at_its_place"
ODD_TABLE = f"{DATA}::test_what_is_odd_is_trained_on_and_told"
ENUMERATED = (
    f"{STORAGE}::test_a_training_of_which_any_operation_fails_exits_5_and_goes_on",
    f"{STORAGE}::test_a_training_that_crashes_at_any_operation_goes_on",
)


@dataclass(frozen=True)
class Row:
    """A fault. `tests` are test functions, or cases of them in brackets; `because`: why there are none."""

    number: int
    fault: str
    expected: str
    tests: tuple[str, ...] = ()
    because: str = ""


def cases(test: str, *names: str) -> tuple[str, ...]:
    """Some cases of a test."""
    return tuple(f"{test}[{name}]" for name in names)


ROWS = (
    Row(1, "YAML syntax error", "exit 2 at line and column", cases(BAD_CONFIG, "a tab")),
    Row(
        2,
        "unknown key",
        "exit 2, the nearest key",
        (
            f"{CONFIG}::test_a_misspelt_key_is_told_with_the_right_one",
            "test_config.py::test_an_unknown_key_is_told_with_its_line_and_the_nearest_key",
        ),
    ),
    Row(3, "duplicate key", "exit 2, both lines", cases(BAD_CONFIG, "a key that stands twice")),
    Row(4, "wrong type", "exit 2 at its place", cases(BAD_CONFIG, "a wrong type")),
    Row(
        5,
        "out of range",
        "exit 2 at its place",
        (*cases(BAD_CONFIG, "a number out of range", "a share of all"), "test_config.py::test_a_wrong_value_is_refused_at_its_place"),
    ),
    Row(6, "`1e-3`", "the number 0.001", cases("test_yaml12.py::test_scalars_are_those_of_yaml_1_2", "1e-3-0.001")),
    Row(
        7,
        "NO, off, 012, 1:30, a date",
        "text or number of YAML 1.2, never a silent flag",
        ("test_yaml12.py::test_scalars_are_those_of_yaml_1_2", *cases(BAD_CONFIG, "a seed of old")),
    ),
    Row(
        8,
        "alias bomb",
        "exit 2, bounded memory",
        (*cases(BAD_CONFIG, "an alias bomb"), f"{CONFIG}::test_bombs_end_in_bounded_memory"),
    ),
    Row(
        9,
        "100,000 levels deep",
        "exit 2, no signal",
        (*cases(BAD_CONFIG, "deep lists", "deep mappings", "deep indents"), f"{CONFIG}::test_bombs_end_in_bounded_memory"),
    ),
    Row(10, "a tag that makes objects", "exit 2, nothing runs", cases(BAD_CONFIG, "a tag of Python")),
    Row(
        11,
        "too large, empty, two documents, no mapping, no UTF-8, NUL",
        "exit 2",
        cases(BAD_CONFIG, "more than 1 MB", "nothing", "two documents", "a list", "no UTF-8", "a NUL"),
    ),
    Row(
        12,
        "5,000 digits, NaN, infinity",
        "exit 2",
        cases(BAD_CONFIG, "5,000 digits", "a rate that is no number", "a rate without bound"),
    ),
    Row(
        13,
        "config is a folder, a pipe, missing, unreadable",
        "exit 2, no waiting",
        (
            f"{CONFIG}::test_a_config_that_is_no_file_exits_2_and_is_not_waited_for",
            f"{CONFIG}::test_a_config_that_cannot_be_read_exits_2",
        ),
    ),
    Row(
        14,
        "relative data path",
        "counts from the config's folder; outside is allowed",
        (f"{CONFIG}::test_any_folder_will_do", f"{END}::test_a_path_typed_on_the_command_line_is_seen_from_here"),
    ),
    Row(
        15,
        "config of another version",
        "there is one version, so no key says it; exit 2 for one that does",
        cases(BAD_CONFIG, "a config to come"),
    ),
    Row(
        16,
        "file, preset and --set disagree",
        "command line, then file, then preset, then default",
        (
            "test_config.py::test_set_wins_over_the_file_and_its_errors_name_the_argument",
            "test_config.py::test_the_file_wins_over_the_preset_key_by_key_and_another_choice_replaces_it_whole",
        ),
    ),
    Row(17, "output is the input", "exit 2, the table stays", (f"{END}::test_predictions_never_replace_their_table",)),
    Row(18, "table missing, a folder, a pipe", "exit 3 with the path", (f"{DATA}::test_a_table_that_is_no_file",)),
    Row(19, "empty, blank, header only", "exit 3", cases(BAD_TABLE, "an empty file", "blank lines", "a header alone")),
    Row(20, "too few rows", "exit 3", cases(BAD_TABLE, "one row", "three rows")),
    Row(21, "no target column", "exit 3, the nearest names", (*cases(BAD_TABLE, "no target"), f"{END}::test_mistakes_beside_a_table_name_the_argument")),
    Row(22, "one class, one value", "exit 3", cases(BAD_TABLE, "one class", "one value")),
    Row(23, "a class only in validation", "stratified, or told", (f"{DATA}::test_a_class_that_only_validation_has_is_stratified_or_told",)),
    Row(
        24,
        "a class of one row",
        "it is trained on",
        (*cases(ODD_TABLE, "a class of one row"), "data/test_splits.py::test_stratified_shares_are_met_in_every_stratum"),
    ),
    Row(25, "empty column", "left out with a note", cases(ODD_TABLE, "an empty column")),
    Row(
        26,
        "constant column",
        "left out with a note, no division by zero",
        (*cases(ODD_TABLE, "a constant column"), "data/test_features.py::test_a_constant_column_is_no_division_by_zero"),
    ),
    Row(
        27,
        "missing target, empty rows",
        "exit 3 with count and line, or dropped as told; empty rows dropped",
        (*cases(BAD_TABLE, "a missing target"), *cases(ODD_TABLE, "empty rows"), f"{DATA}::test_rows_that_may_be_dropped_are"),
    ),
    Row(28, "missing numbers", "filled and marked", (*cases(ODD_TABLE, "missing numbers"), "data/test_features.py::test_a_missing_number_is_filled_and_marked")),
    Row(29, "infinity, 1e400", "exit 3 with the line", cases(BAD_TABLE, "an infinite number", "a number beyond all")),
    Row(30, "unseen category", "counts as missing, and is counted", (f"{DATA}::test_an_unseen_category_counts_as_missing_and_is_counted",)),
    Row(31, "700,000 categories", "bounded memory", cases(f"{DATA}::test_memory_stays_bounded", "700,000 categories")),
    Row(
        32,
        "ids and leaks",
        "a warning that names the column",
        (f"{DATA}::test_what_gives_the_target_away_is_named", "test_doctor.py::test_each_fault_is_named_and_nothing_else"),
    ),
    Row(33, "the target twice", "a warning that names the copy", (f"{DATA}::test_what_gives_the_target_away_is_named",)),
    Row(34, "duplicate column", "exit 3", cases(BAD_TABLE, "a name twice")),
    Row(
        35,
        "column without a name; Unicode",
        "exit 3 or dropped; NFC",
        (*cases(BAD_TABLE, "a column without a name"), *cases(ODD_TABLE, "a name in two spellings of Unicode"), f"{CSV}::test_notes"),
    ),
    Row(
        36,
        "byte order mark, UTF-16 and 32, Latin-1",
        "read; Latin-1 exit 3 with the way out",
        (*cases(ODD_TABLE, "a byte order mark", "UTF-16", "UTF-32"), *cases(BAD_TABLE, "Latin-1"), "data/test_text.py::test_the_wrong_encoding"),
    ),
    Row(37, "CRLF, CR alone", "read; exit 3", (*cases(ODD_TABLE, "CRLF"), *cases(BAD_TABLE, "CR alone"))),
    Row(38, "long and short rows", "exit 3 with the line", cases(BAD_TABLE, "a long row", "a short row")),
    Row(
        39,
        "quotes and line breaks in fields",
        "RFC 4180, or exit 3",
        (*cases(BAD_TABLE, "an open quote"), f"{CSV}::test_round_trip_through_the_standard_library"),
    ),
    Row(
        40,
        "field over 1 MB, record over 64 MB, over 100,000 columns",
        "exit 3, bounded memory",
        (
            *cases(BAD_TABLE, "a field of 2 MB", "a field of 2 MB without quotes", "100,001 columns"),
            *cases(f"{DATA}::test_memory_stays_bounded", "400 MB of line breaks in an open quote", "a record of 90 MB"),
        ),
    ),
    Row(
        41,
        "NUL, binary, web page, wrong suffix",
        "exit 3 says what it looks like; the content decides",
        (*cases(BAD_TABLE, "a NUL", "binary", "a web page", "a spreadsheet"), *cases(ODD_TABLE, "gzip named csv"), "data/test_formats.py::test_not_what_it_should_be"),
    ),
    Row(
        42,
        "separator, decimal comma, thousands",
        "exit 3 or a note, with the setting",
        (*cases(BAD_TABLE, "semicolons"), *cases(ODD_TABLE, "decimal commas", "thousands"), f"{CSV}::test_numbers_spelled_in_another_way"),
    ),
    Row(
        43,
        "type changes late",
        "all rows decide; told with the first cell",
        (*cases(ODD_TABLE, "a late word"), f"{CSV}::test_types_do_not_depend_on_where_text_starts"),
    ),
    Row(44, "whole number beyond 2^53", "a number, with a note", cases(ODD_TABLE, "whole numbers beyond a float", "huge and tiny numbers")),
    Row(
        45,
        "whole number beyond 2^24",
        "kept: numbers are float64 until they are scaled",
        (f"{DATA}::test_a_number_too_large_for_float32_keeps_its_difference",),
    ),
    Row(
        46,
        "booleans and dates",
        "encoded as documented",
        (*cases(ODD_TABLE, "yes and no, and dates"), "data/test_features.py::test_booleans_in_any_spelling", "data/test_features.py::test_date_formats"),
    ),
    Row(47, "predict without a column, in another order or type", "by name; exit 3 lists all", (f"{DATA}::test_columns_are_matched_by_name",)),
    Row(48, "predict with more columns", "ignored", (f"{DATA}::test_columns_are_matched_by_name",)),
    Row(49, "files of a glob disagree", "exit 3", because="one file is read: several come with a later change"),
    Row(50, "table changes while training", "saved, exit 3", (f"{DATA}::test_a_table_that_changes_while_the_network_trains_is_told", f"{END}::test_a_changed_table_is_refused")),
    Row(51, "table larger than memory", "bounded memory", because="training holds its table; streaming comes with a later change"),
    Row(
        52,
        "cut and bombing gzip",
        "exit 3, bounded memory",
        (
            *cases(BAD_TABLE, "gzip that ends early", "gzip within gzip"),
            *cases(f"{DATA}::test_memory_stays_bounded", "1 GB of zeros in 1 MB"),
            "data/test_formats.py::test_cut_short",
        ),
    ),
    Row(53, "cut and flipped parquet", "exit 3", (*cases(BAD_TABLE, "parquet that ends early"), f"{DATA}::test_a_bit_flipped_in_parquet_is_another_table")),
    Row(54, "linked table", "followed, the real path kept", (f"{DATA}::test_a_link_is_followed_and_the_real_path_kept",)),
    Row(55, "remote table down", "exit 5", because="tables are local files: remote ones come with a later change"),
    Row(56, "odd paths", "work", (f"{CONFIG}::test_any_folder_will_do", "data/test_formats.py::test_paths_are_no_patterns")),
    Row(
        57,
        "loss or gradient not finite",
        "exit 7, weights and checkpoint as before, columns named",
        (
            f"{NUMBERS}::test_divergence_keeps_the_last_good_checkpoint_and_names_the_columns",
            f"{NUMBERS}::test_weights_that_are_not_finite_are_never_saved",
            "test_fit.py::test_divergence_is_seen_before_the_weights_are_harmed",
            "test_fit.py::test_an_update_that_is_not_finite_is_taken_back",
        ),
    ),
    Row(
        58,
        "validation figure not finite",
        "never best, blocks none",
        (
            f"{NUMBERS}::test_a_figure_that_is_not_finite_is_null_and_never_best",
            "test_fit.py::test_the_best_epoch_is_kept_and_a_figure_that_is_not_finite_is_never_best",
        ),
    ),
    Row(59, "overflow in exp, softmax, log(0)", "stable", ("nn/test_losses.py::test_extreme_outputs",)),
    Row(
        60,
        "batch norm of one row",
        "as when predicting",
        (f"{NUMBERS}::test_a_last_batch_of_one_row_under_batch_norm_is_defined", "nn/test_layers.py::test_batch_norm_of_one_row_is_that_of_predicting"),
    ),
    Row(61, "sums over 10^7 rows", "float64", (f"{NUMBERS}::test_sums_over_many_rows_lose_nothing",)),
    Row(
        62,
        "metric undefined",
        "null",
        (
            "test_metrics.py::test_no_rows_and_no_weight",
            "test_metrics_properties.py::test_figures_are_finite_or_none",
            f"{END}::test_without_validation_and_test_the_last_epoch_is_the_model",
        ),
    ),
    Row(63, "same seed, two processes", "same bytes", (f"{PROCESS}::test_environment_changes_no_byte", f"{END}::test_the_same_config_gives_the_same_bytes")),
    Row(
        64,
        "resumed at any step",
        "same bytes",
        (
            f"{NUMBERS}::test_a_training_stopped_at_every_step_ends_in_the_same_bytes",
            "test_fit.py::test_training_resumed_from_any_step_equals_the_unbroken_one",
        ),
    ),
    Row(
        65,
        "resumed with another table, config, NumPy, BLAS, processor",
        "refused; warned",
        (f"{NUMBERS}::test_another_environment_is_told_and_another_config_or_table_refused",),
    ),
    Row(66, "dead gradients", "no division by zero", ("test_fit.py::test_dead_gradients_change_nothing", "nn/test_optimizers.py::test_zero_gradients_only_decay")),
    Row(
        67,
        "out of memory",
        "exit 5 with the size, before training where it can be known",
        (f"{PROCESS}::test_memory_that_is_not_there_is_told_with_its_size", f"{PROCESS}::test_too_little_memory_on_the_way_is_told"),
    ),
    Row(68, "clock set back", "no negative time", (f"{PROCESS}::test_a_clock_set_back_gives_no_negative_time",)),
    Row(
        69,
        "disk full",
        "exit 5, the checkpoint before is whole",
        (
            *ENUMERATED[:1],
            f"{STORAGE}::test_an_operation_that_fails_leaves_the_old_content_and_nothing_else",
            f"{STORAGE}::test_a_lock_that_cannot_be_written_is_told",
            f"{PROCESS}::test_a_bound_on_files_is_a_full_disk",
            f"{PROCESS}::test_a_disk_that_is_really_full",
            f"{PROCESS}::test_a_full_disk_behind_stdout_is_told",
        ),
    ),
    Row(
        70,
        "failing fsync",
        "a failed save, not tried again",
        (f"{STORAGE}::test_an_operation_that_fails_leaves_the_old_content_and_nothing_else", f"{PROCESS}::test_system_calls_that_fail_or_kill"),
    ),
    Row(71, "short writes", "written on", (f"{STORAGE}::test_few_bytes_at_a_time_are_all_written",)),
    Row(72, "run folder cannot be made", "exit 5 before training", (f"{STORAGE}::test_a_run_that_cannot_be_made_is_told_before_training",)),
    Row(
        73,
        "SIGKILL at any moment",
        "no loss, same bytes",
        (
            f"{PROCESS}::test_a_training_killed_at_any_moment_goes_on_from_its_last_checkpoint",
            f"{PROCESS}::test_a_training_killed_within_a_long_epoch_goes_on_within_it",
            f"{STORAGE}::test_a_crash_at_any_operation_leaves_one_content_whole_and_its_leavings_are_swept",
            ENUMERATED[1],
        ),
    ),
    Row(
        74,
        "power loss",
        "no loss, same bytes",
        (
            f"{STORAGE}::test_power_that_fails_at_any_operation_leaves_one_content_whole",
            f"{STORAGE}::test_a_training_goes_on_after_the_power_failed_at_any_operation",
        ),
    ),
    Row(
        75,
        "Ctrl-C once, twice",
        "saved, exit 130; at once",
        (f"{PROCESS}::test_a_signal_anywhere_is_honoured_and_what_was_done_is_saved", f"{PROCESS}::test_a_second_ctrl_c_ends_at_once"),
    ),
    Row(
        76,
        "SIGTERM while reading, training, validating, saving",
        "saved, exit 143",
        (
            f"{PROCESS}::test_a_signal_anywhere_is_honoured_and_what_was_done_is_saved",
            f"{PROCESS}::test_work_that_may_be_thrown_away_stops_at_once_and_other_work_does_not",
        ),
    ),
    Row(
        77,
        "SIGHUP, closed pipes and streams",
        "saved, exit 129; training goes on",
        (
            f"{PROCESS}::test_a_reader_that_leaves_and_streams_that_are_closed_or_full_stop_no_training",
            f"{PROCESS}::test_a_signal_that_the_process_was_started_to_ignore_is_ignored",
            f"{END}::test_a_reader_that_leaves_and_a_full_disk_are_no_bugs",
        ),
    ),
    Row(
        78,
        "two processes, one run",
        "exit 6; the dead hold nothing",
        (
            f"{PROCESS}::test_a_run_is_held_by_one_and_taken_over_from_the_dead",
            f"{PROCESS}::test_runs_begun_at_the_same_moment_get_folders_of_their_own",
        ),
    ),
    Row(79, "left temporary files", "ours are swept", (f"{STORAGE}::test_only_what_dead_processes_left_is_swept",)),
    Row(80, "the newest checkpoint deleted", "never: only replaced", (f"{STORAGE}::test_the_newest_checkpoint_is_never_gone_while_another_is_written",)),
    Row(
        81,
        "file system without rename or folder sync",
        "exit 5; no sync of folders is no error",
        (
            f"{STORAGE}::test_where_nothing_can_be_renamed_it_is_told_and_nothing_is_overwritten",
            f"{STORAGE}::test_folders_that_cannot_be_synced_are_no_error",
        ),
    ),
    Row(82, "umask", "respected, never for everybody to write", (f"{STORAGE}::test_modes_are_less_the_umask_and_never_for_everybody_to_write",)),
    Row(83, "torn log", "cut back", (f"{FILES}::test_a_run_from_a_stranger_is_refused_or_mended",)),
    Row(84, "locale, time zone, terminal", "same bytes", (f"{PROCESS}::test_environment_changes_no_byte",)),
    Row(85, "checkpoint cut at every length", "exit 4", (f"{FILES}::test_every_length_is_refused",)),
    Row(
        86,
        "every byte flipped",
        "exit 4; resume sets it aside",
        (
            f"{FILES}::test_every_byte_flipped_is_refused",
            f"{FILES}::test_every_space_in_the_header_is_part_of_it",
            f"{FILES}::test_a_damaged_best_is_set_aside_and_written_again",
            f"{FILES}::test_with_a_damaged_last_training_goes_on_from_the_best",
            f"{FILES}::test_with_both_damaged_nothing_is_made_up",
        ),
    ),
    Row(87, "newer format", "exit 4 names the version", (f"{FILES}::test_a_newer_format_names_the_version_that_reads_it_and_stays_where_it_is",)),
    Row(88, "wrong file", "exit 4 says what; no pickle is opened", (f"{FILES}::test_a_wrong_file_is_told_and_a_pickle_never_opened",)),
    Row(
        89,
        "impossible shapes and sizes",
        "exit 4 before memory",
        (f"{FILES}::test_a_crafted_file_is_refused_in_bounded_memory", f"{FILES}::test_a_size_in_the_config_is_not_believed"),
    ),
    Row(
        90,
        "huge, deep, double, broken header",
        "exit 4",
        (f"{FILES}::test_a_crafted_file_is_refused_in_bounded_memory", f"{FILES}::test_a_file_of_many_holes_is_refused_in_bounded_memory"),
    ),
    Row(
        91,
        "consistent file, wrong meaning",
        "exit 4, or it works",
        (
            f"{FILES}::test_a_consistent_file_with_another_content_is_refused_or_works",
            f"{FILES}::test_what_does_not_fit_together_is_refused",
            f"{FILES}::test_weights_that_are_not_finite_are_refused",
        ),
    ),
    Row(
        92,
        "escapes, markup and paths in names",
        "literal, never a path",
        (
            f"{FILES}::test_names_are_literal_on_the_terminal_and_no_path",
            f"{FILES}::test_neutral_text_is_printable",
            "test_summary.py::test_names_are_literal",
        ),
    ),
    Row(
        93,
        "links, pipes, devices",
        "regular files only; nothing is written through a link",
        (
            f"{FILES}::test_only_regular_files_are_read_and_nothing_is_waited_for",
            f"{STORAGE}::test_lines_are_not_written_through_links_and_pipes_are_not_waited_for",
        ),
    ),
    Row(94, "link planted at the temporary name", "exit 5, not followed", (f"{STORAGE}::test_a_link_planted_at_the_temporary_name_is_not_followed",)),
    Row(95, "arrays that are not contiguous", "written by value", (f"{FILES}::test_arrays_of_any_layout_are_saved_as_they_are",)),
)  # fmt: skip


def function(test: str) -> str:
    """The test function of a case."""
    return test.partition("[")[0]


class Results:
    """What pytest reports, by test."""

    def __init__(self) -> None:
        self.outcomes: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: object) -> None:
        when, outcome, node = (getattr(report, name) for name in ("when", "outcome", "nodeid"))
        if when == "call" or outcome != "passed":
            self.outcomes[node.removeprefix("tests/")] = outcome

    def of(self, tests: Sequence[str]) -> str:
        """Of tests together."""
        each = {self.outcome(test) for test in tests}
        if "FAILED" in each:
            return "FAILED"
        return "passed" if each == {"passed"} else SLOW if each == {SLOW} else f"passed, more {SLOW.partition(' ')[2]}"

    def outcome(self, test: str) -> str:
        """Of one function with all its cases, or of one case."""
        found = [o for node, o in self.outcomes.items() if node == test or ("[" not in test and function(node) == test)]
        if "failed" in found or not found:
            return "FAILED"
        return "passed" if "passed" in found else SLOW


def lines(results: Results) -> Iterator[str]:
    """A line a row."""
    for row in ROWS:
        result = f"not applicable: {row.because}" if row.because else results.of(row.tests)
        yield f"{row.number:>3}  {row.fault:<58}  {row.expected:<66}  {result}"


def main() -> int:
    """Run what the rows name and print them."""
    import pytest

    results = Results()
    tests = dict.fromkeys(str(ROOT / function(test)) for row in ROWS for test in row.tests)
    marks = ["-m", "slow or not slow"] if "--slow" in sys.argv else []
    pytest.main([*tests, *marks, "-q", "--no-header", "-p", "no:cacheprovider"], plugins=[results])
    told = list(lines(results))
    print("\n".join(told))
    failed = sum(line.endswith("FAILED") for line in told)
    passed, slow = sum("  passed" in line for line in told), sum(line.endswith(f"  {SLOW}") for line in told)
    print(f"of {len(ROWS)} rows {passed} pass, {slow} {SLOW}, {failed} fail; the others are not applicable")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
