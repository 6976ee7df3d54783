#include "varia/registry.hpp"

#include <algorithm>
#include <cstddef>
#include <exception>
#include <utility>

#include "core/parameters/parameter_support.hpp"
#include "core/values/messages.hpp"

namespace varia {

const std::vector<std::string>& component_kinds() {
  static const std::vector<std::string> kinds{"dataset",  "model",     "loss",
                                              "schedule", "optimizer", "metric",
                                              "view",     "density",   "likelihood"};
  return kinds;
}

Registry::Registry() = default;
Registry::~Registry() = default;

void Registry::set_plugin(const HostKey&, std::string plugin, std::string version,
                          std::string file) {
  plugin_ = std::move(plugin);
  version_ = std::move(version);
  file_ = std::move(file);
}

void Registry::set_note(const HostKey&, std::string note) { note_ = std::move(note); }

void Registry::add(ComponentInfo info) {
  if (info.plugin.empty()) info.plugin = plugin_;
  if (info.version.empty()) info.version = version_;
  if (info.file.empty()) info.file = file_;

  const auto& kinds = component_kinds();
  if (std::ranges::find(kinds, info.kind) == kinds.end()) {
    throw PluginError(info.file, quote(info.kind) + " is not a kind of component. " +
                                     suggestion(info.kind, kinds));
  }
  const std::string subject = info.kind + " " + quote(info.name);
  if (!is_name(info.name)) {
    throw PluginError(info.file, subject +
                                     ": expected a name of lower case letters, digits and _, "
                                     "a letter first, at most 64");
  }
  if (const ComponentInfo* other = find(info.kind, info.name)) {
    throw PluginError(info.file, subject + " is registered twice: by this file and by " +
                                     (other->file == info.file ? "itself" : other->file) +
                                     ". Rename one, or keep one of them off the search path");
  }
  try {
    info.make_params();
  } catch (const std::exception& error) {
    throw PluginError(info.file, subject + ": its parameters cannot be made: " + error.what());
  }
  components_.push_back(std::make_unique<ComponentInfo>(std::move(info)));
}

const ComponentInfo* Registry::find(std::string_view kind, std::string_view name) const {
  for (const auto& info : components_)
    if (info->kind == kind && info->name == name) return info.get();
  return nullptr;
}

const ComponentInfo& Registry::get(std::string_view kind, std::string_view name,
                                   const Location& where, const std::string& subject) const {
  if (const ComponentInfo* info = find(kind, name)) return *info;
  const auto known = names(kind);
  const bool is_near = !nearest_name(name, known).empty();
  throw ConfigError(where, (subject.empty() ? "" : subject + ": ") + quote(name) +
                               " is not a known " + std::string(kind) + ". " +
                               suggestion(name, known) +
                               (is_near ? "" : " A plugin of your own is listed under 'plugins'.") +
                               (note_.empty() ? "" : "\n" + note_));
}

std::vector<const ComponentInfo*> Registry::list(std::string_view kind) const {
  std::vector<const ComponentInfo*> found;
  for (const std::string& each : component_kinds()) {
    if (!kind.empty() && kind != each) continue;
    const auto first = static_cast<std::ptrdiff_t>(found.size());
    for (const auto& info : components_)
      if (info->kind == each) found.push_back(info.get());
    std::sort(found.begin() + first, found.end(),
              [](const auto* a, const auto* b) { return a->name < b->name; });
  }
  return found;
}

std::vector<std::string> Registry::names(std::string_view kind) const {
  std::vector<std::string> names;
  for (const ComponentInfo* info : list(kind)) names.push_back(info->name);
  return names;
}

}  // namespace varia
