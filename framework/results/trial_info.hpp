#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "results/provenance.hpp"

/// What is known of one trial, and the one list of its fields. Free of HDF5 and of LibTorch.
namespace varia::results {

/// The state of a trial. A file says `partial`, `done` or `failed`; a comparison with a plan tells
/// the others.
/// - fresh: nothing of it is there;
/// - partial: it is in progress, was interrupted, or lacks epochs, a metric or a view;
/// - done: it has all that is asked for;
/// - failed: `TrialInfo::error` says why;
/// - stale: done, but by another version of Varia, of LibTorch or of one of its plugins.
enum class TrialState { fresh, partial, done, failed, stale };

/// "new", "partial", "done", "failed" or "stale".
std::string state_text(TrialState state);

/// A trial, without its parameters and values. kTrialFields says what each field means. What is
/// called epochs here, as in files, are records: evaluations, if a trial's length is given in
/// steps.
struct TrialInfo {
  std::string id;
  std::string experiment;
  std::uint64_t seed = 0;
  std::int64_t replicate = 0;
  TrialState status = TrialState::partial;
  std::string error;
  std::int64_t epochs_done = 0;
  std::int64_t target_epochs = 0;
  std::int64_t stopped_early = 0;
  std::int64_t best_epoch = 0;
  double total_seconds = 0;
  std::string host;
  std::string cpu;
  std::string gpu;
  std::int64_t gpu_memory = 0;
  Versions versions;
  std::vector<PluginVersion> plugins;  ///< of its components, sorted
  std::string request;
  std::string keep;
  std::uint64_t token = 0;
  std::vector<std::string> tags;
  std::map<std::string, std::string> notes;

  bool operator==(const TrialInfo&) const = default;

  /// True if what was trained is a whole trial of `epochs` epochs: it has them, or ended before of
  /// its own accord.
  bool is_whole(std::int64_t epochs) const { return stopped_early > 0 || epochs_done >= epochs; }
  /// What has computed it.
  const std::string& processor() const { return gpu.empty() ? cpu : gpu; }
};

/// One field of TrialInfo. Its name is that of the attribute of a trial file, of the line of its
/// summary text, of the data set in /trials of a merged file, and of the key in JSON.
template <class T>
struct TrialField {
  const char* name;
  T TrialInfo::*member;
  const char* meaning;
  bool from_plan = false;    ///< a merge takes it from the plan: it may change after the training
  bool is_optional = false;  ///< older files lack it; a trial of theirs has the default
};
// Compilers before clang 17 deduce nothing from an aggregate.
template <class T>
TrialField(const char*, T TrialInfo::*, const char*, bool = false, bool = false) -> TrialField<T>;

/// All fields, in the order in which files have them. A new field is a member of TrialInfo, a line
/// here and a row of the table in results/README.md.
inline constexpr std::tuple kTrialFields{
    TrialField{"id", &TrialInfo::id,
               "hexadecimal digits that follow from all that the trial's numbers depend on"},
    TrialField{"experiment", &TrialInfo::experiment, "the name of its experiment"},
    TrialField{"seed", &TrialInfo::seed, "the seed of its random numbers"},
    TrialField{"replicate", &TrialInfo::replicate, "its number among the replicates, from 0"},
    TrialField{"status", &TrialInfo::status,
               "`partial` (in progress, or interrupted), `done` or `failed`"},
    TrialField{"error", &TrialInfo::error, "why it failed; else empty"},
    TrialField{"epochs_done", &TrialInfo::epochs_done, "epochs that it has recorded"},
    TrialField{"target_epochs", &TrialInfo::target_epochs, "epochs of the whole trial"},
    TrialField{"stopped_early", &TrialInfo::stopped_early,
               "the epoch after which `train.stop` ended it; 0: it was trained to its length",
               false, true},
    TrialField{"best_epoch", &TrialInfo::best_epoch,
               "the best epoch by the metric of `train.stop`; 0: not asked for", false, true},
    TrialField{"total_seconds", &TrialInfo::total_seconds, "wall-clock time of its epochs"},
    TrialField{"host", &TrialInfo::host, "the machine that trained it"},
    TrialField{"cpu", &TrialInfo::cpu, "the model of that machine's processor"},
    TrialField{
        "gpu", &TrialInfo::gpu,
        "the GPU, or other device, that it was trained on, and its driver; empty: the processor",
        false, true},
    TrialField{"gpu_memory", &TrialInfo::gpu_memory,
               "the most bytes of that GPU's memory that its tensors took at once; 0: not known "
               "(LibTorch before 2.9)",
               false, true},
    TrialField{"versions", &TrialInfo::versions, "the versions of Varia and of its libraries"},
    TrialField{"plugins", &TrialInfo::plugins,
               "the plugins of its components, one `name version digest` per line"},
    TrialField{"request", &TrialInfo::request,
               "a digest of the metrics, views and records that it was asked for"},
    TrialField{"keep", &TrialInfo::keep,
               "which parameters are kept of it: `none`, `last`, `best` or those of the epoch that "
               "is best "
               "by a metric (`train.keep`)"},
    TrialField{"token", &TrialInfo::token,
               "the number of the run that held it, which each new holder raises; 0: none"},
    TrialField{"tags", &TrialInfo::tags, "words that the experiment gives it, with commas", true},
    TrialField{"notes", &TrialInfo::notes,
               R"(remarks that the experiment gives it, as JSON: `{"key": "text"}`)", true},
};

/// Calls `visit` with each TrialField, in order.
template <class Visit>
void for_each_trial_field(Visit&& visit) {
  std::apply([&](const auto&... field) { (visit(field), ...); }, kTrialFields);
}

/// How files store a field of type T: numbers as such, all else as text.
template <class T>
using StoredField = std::conditional_t<std::is_arithmetic_v<T>, T, std::string>;

/// The value of a field as files store it.
template <class T>
const T& stored_field(const T& value) {
  return value;
}
inline std::string stored_field(TrialState value) { return state_text(value); }
inline std::string stored_field(const Versions& versions) { return versions_text(versions); }
inline std::string stored_field(const std::vector<PluginVersion>& plugins) {
  return plugins_text(plugins);
}
std::string stored_field(const std::vector<std::string>& words);
std::string stored_field(const std::map<std::string, std::string>& notes);

/// Takes back what `stored_field` gave. @returns false if no such value is stored like that
template <class T>
bool load_field(T stored, T& value) {
  value = std::move(stored);
  return true;
}
bool load_field(const std::string& stored, TrialState& value);
bool load_field(const std::string& stored, Versions& versions);
bool load_field(const std::string& stored, std::vector<PluginVersion>& plugins);
bool load_field(const std::string& stored, std::vector<std::string>& words);
bool load_field(const std::string& stored, std::map<std::string, std::string>& notes);

/// All fields as an object, by name.
nlohmann::json trial_json(const TrialInfo& trial);
/// The same for a reader whose numbers are doubles, such as a page: unsigned ones, of which a seed
/// may have more digits, are text.
nlohmann::json trial_json_in_doubles(const TrialInfo& trial);
/// null unless the number is finite.
nlohmann::json number_json(double number);

}  // namespace varia::results
