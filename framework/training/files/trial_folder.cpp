#include "training/files/trial_folder.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <set>
#include <string_view>
#include <system_error>

namespace varia::training {

namespace fs = std::filesystem;

namespace {

constexpr const char* kPrevious = ".previous";

std::string trial_name(std::uint64_t token) { return "trial." + std::to_string(token) + ".h5"; }

std::string checkpoint_name(std::uint64_t token) { return "checkpoint." + std::to_string(token); }

/// The token in "trial.3.h5", "checkpoint.3", "checkpoint.3.previous.tmp"; nothing in other names.
std::optional<std::uint64_t> token_of(const std::string& name) {
  for (const std::string_view stem : {"trial.", "checkpoint."}) {
    if (name.compare(0, stem.size(), stem) != 0) continue;
    std::uint64_t token = 0;
    const auto* end = name.data() + name.size();
    const auto [rest, error] = std::from_chars(name.data() + stem.size(), end, token);
    if (error == std::errc() && (rest == end || *rest == '.')) return token;
  }
  return std::nullopt;
}

}  // namespace

std::string TrialFolder::trial_file() const { return lease_.folder / trial_name(lease_.token); }

std::string TrialFolder::checkpoint() const {
  return lease_.folder / checkpoint_name(lease_.token);
}

std::vector<TrialFolder::Pair> TrialFolder::checkpoints() const {
  std::set<std::uint64_t, std::greater<>> tokens;
  for (const auto* suffix : {"", kPrevious})
    for (const auto& file : files::token_files(lease_.folder, "checkpoint", suffix))
      if (file.token <= lease_.token) tokens.insert(file.token);
  std::vector<Pair> pairs;
  for (const auto token : tokens)
    for (const auto* suffix : {"", kPrevious})
      pairs.push_back({token, (lease_.folder / checkpoint_name(token)).string() + suffix,
                       lease_.folder / trial_name(token)});
  return pairs;
}

std::vector<std::string> TrialFolder::trial_files() const {
  std::vector<std::string> paths;
  for (const auto& file : files::token_files(lease_.folder, "trial", ".h5"))
    if (file.token <= lease_.token) paths.push_back(file.path);
  return paths;
}

void TrialFolder::remove_own() const {
  remove([this](std::uint64_t token) { return token == lease_.token; });
  files::release(lease_);
  // Who published the trial removed the folder; what was written after that made it again.
  std::error_code not_empty;
  fs::remove(lease_.folder, not_empty);
}

void TrialFolder::remove_all_but(std::uint64_t token) const {
  remove([&](std::uint64_t other) { return other < lease_.token && other != token; });
}

void TrialFolder::remove(const std::function<bool(std::uint64_t token)>& is_to_go) const {
  // Another run may be clearing the folder at the same time.
  std::error_code ignored;
  std::vector<fs::path> paths;
  for (fs::directory_iterator entry(lease_.folder, ignored), end; !ignored && entry != end;
       entry.increment(ignored)) {
    const auto token = token_of(entry->path().filename().string());
    if (token && is_to_go(*token)) paths.push_back(entry->path());
  }
  for (const auto& path : paths) fs::remove(path, ignored);
}

}  // namespace varia::training
