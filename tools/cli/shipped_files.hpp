#pragma once

#include <filesystem>
#include <vector>

/// Files that come with the program: those of the source tree or of the installation that it
/// belongs to.
namespace varia::cli {

/// The templates of plugins, which `varia new` copies.
/// @throws ConfigError if the folder is missing
std::filesystem::path template_folder();

/// The experiment files with published numbers, sorted.
/// @throws ConfigError if their folder is missing
std::vector<std::filesystem::path> published_experiments();

/// Where Python finds the package varia.
/// @throws ConfigError if it is missing
std::filesystem::path python_package_folder();

}  // namespace varia::cli
