#include "results/folder/results_folder.hpp"

#include <algorithm>
#include <chrono>

#include "results/folder/folder_merge.hpp"
#include "support.hpp"

using namespace varia;
using namespace varia::results;
using namespace varia::sweep::testing;

namespace {

/// Three trials that are done, in a folder that counts what is read.
struct Three : SampleFolder {
  Three() {
    for (const auto& trial : plan.trials) publish(header(trial), 2);
  }
  std::vector<TrialStatus> look() {
    return TrialStates(folder, fake_registry(), environment().versions).of(plan);
  }
  experiment::Plan plan = plan_of("sweep: {loss.beta: [1, 2, 4]}\n");
  ResultsFolder folder{paths};
};

}  // namespace

TEST_CASE("each published file is read once, by a look at all trials and by the merge after it") {
  Three three;
  three.folder.read_summaries(three.plan);
  for (const auto& status : three.look()) CHECK(status.state == TrialState::done);
  for (const auto& status : three.look()) CHECK(status.state == TrialState::done);
  CHECK(merge_if_changed(three.plan, three.folder, three.info()).trials == 3);
  CHECK(merge_if_changed(three.plan, three.folder, three.info()).trials == 0);
  CHECK(three.folder.files_read() == 3);
}

TEST_CASE("what another run publishes is seen by the next look at the trial") {
  Three three;
  const auto& trial = three.plan.trials[1];
  CHECK(three.look()[1].published.token == 1);
  std::filesystem::remove(three.paths.trial(trial.id));
  three.publish(three.header(trial, 2), 3);
  CHECK(three.folder.published(trial.id).info->token == 1);
  CHECK(three.folder.look_again(trial.id).info->token == 2);
  CHECK(three.look()[1].finished_records() == 3);
  std::filesystem::remove(three.paths.trial(trial.id));
  CHECK_FALSE(three.folder.look_again(trial.id).stamp.has_value());
  CHECK(three.look()[1].state == TrialState::fresh);
}

TEST_CASE("what killed runs left is removed: of this machine at once, of others when it is old") {
  const SampleFolder folder;
  const auto& paths = folder.paths;
  const auto beat = [&](const std::string& id, const std::string& boot) {
    folder.write(paths.runs() / id, R"({"host": "node7", "boot": ")" + boot +
                                        R"(", "space": "", "process": 1, "started": 1})");
  };
  const auto age = [](const std::filesystem::path& file) {
    std::filesystem::last_write_time(
        file, std::filesystem::last_write_time(file) - std::chrono::hours(25));
  };
  beat("young", "elsewhere");
  beat("old", "elsewhere");
  beat("holder", "elsewhere");
  const auto held = paths.in_progress("0123456789abcdef");
  std::filesystem::create_directories(held);
  std::filesystem::create_symlink("holder", held / "lease.1");
  const std::vector<std::filesystem::path> left = {paths.runs() / "old.1-2-3-4.tmp",
                                                   paths.folder() / "plan.tsv.1-2-3-4.tmp",
                                                   paths.root / "e.h5.0123abcd-2-3-0123abcd.tmp"};
  const std::vector<std::filesystem::path> others = {paths.root / "notes.tmp",
                                                     paths.root / "e.h5.backup.tmp",
                                                     paths.root / "f.h5.0123abcd-2-3-0123abcd.tmp"};
  for (const auto& files : {left, others})
    for (const auto& file : files) folder.write(file, "half");
  remove_dead_runs(paths);
  for (const auto& file : left) CHECK(std::filesystem::exists(file));
  for (const auto& files : {left, others}) std::ranges::for_each(files, age);
  for (const char* const id : {"old", "holder"}) age(paths.runs() / id);
  remove_dead_runs(paths);
  for (const auto& file : left) CHECK_FALSE(std::filesystem::exists(file));
  for (const auto& file : others) CHECK(std::filesystem::exists(file));
  CHECK(std::filesystem::exists(paths.runs() / "young"));
  CHECK(std::filesystem::exists(paths.runs() / "holder"));
  CHECK_FALSE(std::filesystem::exists(paths.runs() / "old"));
}

TEST_CASE("a merge takes what another run has published since the first look") {
  Three three;
  three.look();
  merge_folder(three.plan, three.folder, three.info());
  const auto& trial = three.plan.trials[0];
  std::filesystem::remove(three.paths.trial(trial.id));
  three.publish(three.header(trial, 2), 3);
  CHECK(merge_if_changed(three.plan, three.folder, three.info()).trials == 3);
  CHECK(three.folder.merged_again().at(trial.id).epochs_done == 3);
}

TEST_CASE("a file without its first text is left for the guarded reading") {
  Three three;
  const auto& trial = three.plan.trials[2];
  three.write(three.paths.trial(trial.id), "no HDF5");
  three.folder.read_summaries(three.plan);
  CHECK(three.folder.files_read() == 2);
  CHECK_FALSE(three.folder.published(trial.id).info.has_value());
  CHECK(three.folder.published(trial.id).damage.find("HDF5") != std::string::npos);
}

TEST_CASE("the newest file of a trial is the published one, or else the newest recorded one") {
  Three three;
  const auto& trial = three.plan.trials[0];
  CHECK(three.folder.newest_file(trial.id) == three.paths.trial(trial.id));
  std::filesystem::remove(three.paths.trial(trial.id));
  three.begin(three.header(trial, 2), 1);
  three.begin(three.header(trial, 3), 1);
  three.folder.look_again(trial.id);
  CHECK(three.folder.newest_file(trial.id) == three.paths.in_progress(trial.id) / "trial.3.h5");
}

TEST_CASE("a curve is that of the file with the most records, of those that can be read") {
  Three three;
  const auto& trial = three.plan.trials[0];
  CHECK(three.folder.curve(trial.id, "test/loss").values == std::vector<double>{99, 98});
  three.begin(three.header(trial, 2), 3);
  three.write(three.paths.in_progress(trial.id) / "trial.3.h5", "half written");
  const auto curve = three.folder.curve(trial.id, "test/loss");
  CHECK(curve.values == std::vector<double>{99, 98, 97});
  CHECK(curve.trial.status == TrialState::done);
  // A published file that does not count, and one that was packed away.
  CHECK(three.folder.curve(three.plan.trials[1].id, "test/loss", 1).values.empty());
  merge_folder(three.plan, three.folder, three.info());
  std::filesystem::remove(three.paths.trial(three.plan.trials[2].id));
  CHECK(three.folder.curve(three.plan.trials[2].id, "test/loss").values.size() == 2);
}

TEST_CASE("a merge sets a trial's damaged file aside, and the trial counts as new") {
  Three three;
  const auto& trial = three.plan.trials[1];
  const auto path = three.paths.trial(trial.id);
  const bool is_merged_before = GENERATE(true, false);
  if (is_merged_before) three.merge(three.plan);
  // A number of the table, far from the text at the beginning.
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  std::string bytes(std::filesystem::file_size(path), '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  const auto place = bytes.find(std::string("\xc0\x58\x40", 3));  // 99.0
  REQUIRE(place != std::string::npos);
  file.seekp(static_cast<std::streamoff>(place)).put('\xc1');
  file.close();
  CHECK(three.states(three.plan)[1].state == TrialState::done);

  ResultsFolder folder(three.paths);
  const auto report = merge_folder(three.plan, folder, three.info());
  REQUIRE(report.problems.size() == 2);
  CHECK(report.problems[0].find(path.string() + ": is damaged") == 0);
  CHECK(report.problems[1].find(".damaged") != std::string::npos);
  CHECK(report.trials == (is_merged_before ? 3 : 2));
  CHECK_FALSE(std::filesystem::exists(path));
  CHECK(std::filesystem::exists(path.string() + ".damaged"));
  const auto state = three.states(three.plan)[1];
  CHECK(state.state == (is_merged_before ? TrialState::done : TrialState::fresh));
  CHECK(state.packed == is_merged_before);
  three.publish(three.header(trial, 2), 2);
  CHECK(three.states(three.plan)[1].state == TrialState::done);
}

TEST_CASE("an id of a trial and its beginnings are told from other text") {
  CHECK(is_trial_id("0123456789abcdef"));
  for (const auto* text : {"", "0123", "0123456789abcdef0", "0123456789ABCDEF", "0123456789abcdeg"})
    CHECK_FALSE(is_trial_id(text));
  for (const auto* text : {"", "0123", "0123456789abcdef"}) CHECK(is_trial_id_beginning(text));
  for (const auto* text : {"0123456789abcdef0", "012G", "a b"})
    CHECK_FALSE(is_trial_id_beginning(text));
}

TEST_CASE("the folder of results lies beside their merged file") {
  const ResultPaths made{"results", "sweep.v2"};
  const auto found = paths_of_merged(made.merged());
  CHECK(found.folder() == made.folder());
  CHECK(found.merged() == made.merged());
  CHECK(paths_of_merged("sweep.h5").experiment_file() == "sweep/experiment.yaml");
}
