#include "cluster/settings.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <vector>

#include "experiment/yaml/dotted_key.hpp"
#include "experiment/yaml/yaml_reader.hpp"
#include "varia/error.hpp"

namespace varia::cluster {
namespace {

namespace fs = std::filesystem;
using experiment::ClusterParams;

/// The whole file, each profile checked.
Value read_profiles(const fs::path& file) {
  std::error_code error;
  if (!fs::exists(file, error)) return Value::map();
  Value profiles = experiment::read_yaml_file_or_null(file.string());
  if (profiles.is_null()) return Value::map();
  if (!profiles.is_map())
    throw ConfigError(profiles.where(), "expected a map of profiles, found " + profiles.describe());
  for (const auto& [name, profile, where] : profiles.entries()) {
    if (name == "default") {
      if (!profile.is_scalar())
        throw ConfigError(profile.where(),
                          "default: expected the name of a profile, found " + profile.describe());
      continue;
    }
    if (const Value* nested = profile.find("profile"))
      throw ConfigError(nested->where(), fmt::format("profile {}: a profile cannot name another "
                                                     "one; write its keys out",
                                                     name));
    ClusterParams params;
    params.load(profile, {nullptr, "profile " + name, profile.where()});
  }
  return profiles;
}

/// The value that names the profile to use, or null.
const Value* profile_name(const Value& profiles, const Value* section, const Value& arguments) {
  if (const Value* name = arguments.find("profile")) return name;
  if (const Value* name = section != nullptr ? section->find("profile") : nullptr) return name;
  return profiles.find("default");
}

const Value& find_profile(const Value& profiles, const Value& name, const fs::path& file) {
  std::vector<std::string> known;
  for (const auto& entry : profiles.entries()) {
    if (entry.key == "default") continue;
    if (entry.key == name.text()) return entry.value;
    known.push_back(entry.key);
  }
  throw ConfigError(name.where(),
                    known.empty() ? fmt::format("there is no profile {}: {} has none",
                                                name.describe(), file.string())
                                  : fmt::format("{} is not a profile of {}. {}", name.describe(),
                                                file.string(), suggestion(name.text(), known)));
}

}  // namespace

fs::path profiles_path() {
  const auto variable = [](const char* name) {
    const char* const value = std::getenv(name);
    return value != nullptr ? std::string(value) : std::string();
  };
  // Relative paths in it are to be ignored, says the XDG specification.
  fs::path folder = variable("XDG_CONFIG_HOME");
  if (!folder.is_absolute()) folder = fs::path(variable("HOME")) / ".config";
  return folder / "varia" / "clusters.yaml";
}

std::unique_ptr<const ClusterParams> read_settings(const fs::path& file, const Value* section,
                                                   const Value& arguments) {
  const Value profiles = read_profiles(file);
  auto params = std::make_unique<ClusterParams>();
  Value merged = Value::map();
  const Value* name = profile_name(profiles, section, arguments);
  if (name != nullptr && !name->is_null()) merged = find_profile(profiles, *name, file);
  if (section != nullptr && section->is_map()) experiment::merge(merged, *section);
  experiment::merge(merged, arguments);
  if (name != nullptr) merged.set("profile", *name);
  if (section != nullptr) merged.set_where(section->where());
  params->load(merged, {nullptr, "cluster", merged.where()});
  if (params->time.has_value() && params->signal_before() >= params->seconds())
    throw ConfigError(params->time.where(),
                      fmt::format("cluster: time: of its {} seconds, signal_before leaves none to "
                                  "train; give more time, or a lower signal_before than {}",
                                  params->seconds(), params->signal_before()));
  return params;
}

}  // namespace varia::cluster
