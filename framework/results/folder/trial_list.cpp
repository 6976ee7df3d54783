#include "results/folder/trial_list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "files/whole_file.hpp"
#include "results/folder/trial_state.hpp"
#include "varia/error.hpp"

namespace varia::sweep {

namespace {

constexpr std::uint64_t kLargestFile = std::uint64_t{1} << 30;
constexpr std::size_t kLongestLabel = 300;

std::string one_cell(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return text.size() <= kLongestLabel ? text : text.substr(0, kLongestLabel) + "...";
}

}  // namespace

void write_trial_list(const experiment::Plan& plan, const ResultPaths& paths) {
  std::string text = "id\trecords\tlabel\n";
  for (const auto& trial : plan.trials)
    text +=
        fmt::format("{}\t{}\t{}\n", trial.id, trial.train->record_count(), one_cell(trial.label()));
  files::write_if_changed(paths.trial_list().string(), text);
}

std::vector<ListedTrial> read_trial_list(const ResultPaths& paths) {
  const auto path = paths.trial_list().string();
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return {};
  const auto content = files::read_whole_file(path, kLargestFile);
  std::vector<ListedTrial> trials;
  std::size_t number = 0;
  for (std::size_t begin = 0; begin < content.size(); ++number) {
    const auto end = std::min(content.find('\n', begin), content.size());
    const auto line = content.substr(begin, end - begin);
    begin = end + 1;
    if (number == 0) continue;
    const auto first = line.find('\t');
    const auto second = line.find('\t', first + 1);
    ListedTrial trial;
    const auto* const records = line.data() + first + 1;
    if (!is_trial_id(line.substr(0, first)) || second == std::string::npos ||
        std::from_chars(records, line.data() + second, trial.records).ptr != line.data() + second ||
        trial.records < 0)
      throw StoreError(path, fmt::format("line {} is no trial of a list; varia run writes the list "
                                         "anew, or remove it",
                                         number + 1));
    trial.id = line.substr(0, first);
    trial.label = line.substr(second + 1);
    trials.push_back(std::move(trial));
  }
  return trials;
}

}  // namespace varia::sweep
