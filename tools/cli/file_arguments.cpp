#include "cli/file_arguments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "files/folder_entries.hpp"
#include "varia/data_folder.hpp"
#include "varia/error.hpp"
#include "varia/value.hpp"

namespace varia::cli {

namespace {

namespace fs = std::filesystem;

constexpr const char* kEnding = ".h5";

/// The results file that the name of an experiment, or a part of a path, may mean, else empty.
std::string completed(const fs::path& given) {
  auto with_ending = given;
  with_ending += kEnding;
  std::error_code absent;
  for (const auto& path : {with_ending, "results" / given, "results" / with_ending})
    if (fs::is_regular_file(path, absent)) return path.string();
  return "";
}

/// The names of the experiments that have a results file.
std::vector<std::string> known_results() {
  std::vector<std::string> names;
  std::error_code absent;
  for (const auto& entry : files::folder_entries("results", absent))
    if (entry.path().extension() == kEnding) names.push_back(entry.path().stem().string());
  return names;
}

constexpr std::string_view kHdf5Signature("\x89HDF\r\n\x1a\n", 8);
/// A trial file has some text before its HDF5 part.
constexpr std::string_view kTrialFile("varia-trial ");

bool holds_results(const std::string& path) {
  std::array<char, 16> bytes{};
  std::ifstream file(path, std::ios::binary);
  file.read(bytes.data(), bytes.size());
  const std::string_view start(bytes.data(), static_cast<std::size_t>(file.gcount()));
  return start.starts_with(kHdf5Signature) || start.starts_with(kTrialFile);
}

}  // namespace

std::string results_path(const std::string& given) {
  const auto named = "results" / fs::path(given + kEnding);
  std::error_code absent;
  const bool is_name = !given.empty() && !fs::path(given).has_parent_path() &&
                       !fs::is_regular_file(given, absent) && fs::is_regular_file(named, absent);
  return is_name ? named.string() : given;
}

void require_results_files(const std::vector<std::string>& files) {
  for (const auto& file : files) {
    std::error_code error;
    const auto type = fs::status(file, error).type();
    const bool is_folder = type == fs::file_type::directory;
    const auto ending = fs::path(file).extension();
    if (type == fs::file_type::regular && (ending == ".yaml" || ending == ".yml")) {
      const auto results = results_path(fs::path(file).stem().string());
      throw StoreError(file, "is an experiment file, not a results file" +
                                 (fs::is_regular_file(results, error)
                                      ? ". Did you mean '" + results + "'?"
                                      : ", and there is no results/" + results + kEnding));
    }
    if (type != fs::file_type::not_found && !is_folder) continue;  // the reader tells what it is
    const bool is_name = !fs::path(file).has_parent_path() && ending.empty();
    auto meant = completed(file);
    if (meant.empty() && !is_folder) meant = nearest_file(file, kEnding);
    if (meant.empty() && !fs::path(file).has_parent_path())
      meant = nearest_file("results" / fs::path(file + kEnding), kEnding);
    if (is_name && !is_folder && meant.empty())
      throw StoreError(file, fmt::format("there is neither such a file nor results/{}{}. {}", file,
                                         kEnding, suggestion(file, known_results())));
    throw StoreError(file,
                     (is_folder ? std::string("is a folder, not a results file")
                                : std::string("cannot be opened: No such file or directory")) +
                         (meant.empty() ? "" : ". Did you mean '" + meant + "'?"));
  }
}

void check_output(const std::string& option, const std::string& path,
                  const std::vector<std::string>& inputs) {
  const auto refuse = [&](const std::string& reason) { throw ConfigError(option + ": " + reason); };
  if (path.empty()) refuse("expected the name of a file, found empty text");
  std::error_code absent;
  const auto status = fs::status(path, absent);
  if (fs::is_directory(status)) refuse(path + " is a folder; expected the name of a file");
  if (fs::exists(status) && !fs::is_regular_file(status))
    refuse(path + " is a device or a pipe; expected the name of a file");
  const bool is_input = std::ranges::any_of(
      inputs, [&](const auto& input) { return fs::equivalent(path, input, absent); });
  if (is_input) refuse(path + " is a file that this command reads; name another one");
}

void check_text_output(const std::string& option, const std::string& path,
                       const std::vector<std::string>& inputs) {
  check_output(option, path, inputs);
  std::error_code absent;
  if (fs::is_regular_file(path, absent) && holds_results(path))
    throw ConfigError(option + ": " + path +
                      " is an HDF5 file, whose results would be lost; name another one");
}

}  // namespace varia::cli
