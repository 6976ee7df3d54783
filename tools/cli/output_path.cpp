#include "cli/output_path.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "varia/error.hpp"

namespace varia::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kHdf5Signature("\x89HDF\r\n\x1a\n", 8);
/// A trial file has some text before its HDF5 part.
constexpr std::string_view kTrialFile("varia-trial ");

bool holds_results(const std::string& path) {
  std::array<char, 16> bytes{};
  std::ifstream file(path, std::ios::binary);
  file.read(bytes.data(), bytes.size());
  const std::string_view start(bytes.data(), static_cast<std::size_t>(file.gcount()));
  return start.substr(0, kHdf5Signature.size()) == kHdf5Signature ||
         start.substr(0, kTrialFile.size()) == kTrialFile;
}

}  // namespace

void check_output(const std::string& option, const std::string& path,
                  const std::vector<std::string>& inputs) {
  const auto refuse = [&](const std::string& reason) { throw ConfigError(option + ": " + reason); };
  if (path.empty()) refuse("expected the name of a file, found empty text");
  std::error_code absent;
  const auto status = fs::status(path, absent);
  if (fs::is_directory(status)) refuse(path + " is a folder; expected the name of a file");
  if (fs::exists(status) && !fs::is_regular_file(status))
    refuse(path + " is a device or a pipe; expected the name of a file");
  const bool is_input = std::any_of(inputs.begin(), inputs.end(), [&](const auto& input) {
    return fs::equivalent(path, input, absent);
  });
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
