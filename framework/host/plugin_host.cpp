#include "host/plugin_host.hpp"

#define BOOST_DLL_USE_STD_FS
#include <dlfcn.h>

#include <algorithm>
#include <boost/core/demangle.hpp>
#include <boost/dll/shared_library.hpp>
#include <cstdlib>
#include <deque>
#include <exception>
#include <sstream>
#include <system_error>
#include <utility>

#include "host/abi_tag.hpp"
#include "host/process_state.hpp"
#include "varia/error.hpp"
#include "varia/host/host_key.hpp"
#include "varia/host/program.hpp"

namespace varia::host {

namespace fs = std::filesystem;

namespace {

using boost::dll::shared_library;

const shared_library& keep_open(shared_library library) {
  // Never destroyed: other static objects may still use the libraries when the program ends.
  static auto* const kept = std::make_unique<std::deque<shared_library>>().release();
  return kept->emplace_back(std::move(library));
}

/// The reason why the last library was not opened, without the file's name, symbols readable.
std::string open_error(const std::filesystem::path& file) {
  const char* const reason = dlerror();
  std::string text = reason ? reason : "unknown reason";
  const auto prefix = file.string() + ": ";
  if (text.starts_with(prefix)) text.erase(0, prefix.size());
  const std::string marker = "undefined symbol: ";
  if (text.starts_with(marker)) {
    const auto symbol = text.substr(marker.size(), text.find_first_of(" ,(") - marker.size());
    return "undefined symbol " + boost::core::demangle(symbol.c_str()) +
           ". Name the library that defines it in varia_add_plugin(... LIBRARIES ...).";
  }
  return text + ".";
}

using RegisterComponents = void (*)(Registry& registry);

/// Opens a library whose ABI tag fits. It stays open to the end of the process: LibTorch keeps
/// pointers into libraries, and registered components have their code there.
/// @throws PluginError if a symbol or another library is missing
std::pair<PluginInfo, RegisterComponents> open_library(const fs::path& file) {
  namespace mode = boost::dll::load_mode;
  shared_library opened;
  std::error_code error;
  opened.load(file, error, mode::rtld_now | mode::rtld_local);
  if (error) throw PluginError(file.string(), "cannot be opened: " + open_error(file));
  const auto& library = keep_open(std::move(opened));
  for (const char* symbol :
       {"varia_register_plugin", "varia_plugin_name", "varia_plugin_version"}) {
    if (!library.has(symbol)) {
      throw PluginError(file.string(), std::string("has an ABI tag, but no symbol ") + symbol +
                                           ". Write VARIA_PLUGIN once, outside of any unnamed "
                                           "namespace.");
    }
  }
  PluginInfo info;
  info.name = &library.get<const char>("varia_plugin_name");
  info.version = &library.get<const char>("varia_plugin_version");
  info.file = file;
  const RegisterComponents registers = &library.get<void(Registry&)>("varia_register_plugin");
  return {std::move(info), registers};
}

fs::path real_path(const fs::path& file) {
  std::error_code error;
  auto path = fs::canonical(file, error);
  return error ? file : path;
}

/// LibTorch's messages end with a stack trace.
std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

/// Opens a plugin and lets it register its components in `components`, which holds them until all
/// of them are known to be good.
PluginInfo stage(const fs::path& file, Registry& components) {
  const auto mismatch = abi_mismatch(read_abi_tag(file), own_abi_tag());
  if (!mismatch.empty())
    throw PluginError(file.string(), mismatch + ". Rebuild it: " + rebuild_command(file));
  const ProcessState before;
  auto [info, registers] = open_library(file);
  const auto fail = [&, &info = info](const std::string& message) {
    throw PluginError(file.string(), "plugin " + info.name + " " + info.version +
                                         " failed while it registered its components: " + message);
  };
  components.set_plugin(HostKey{}, info.name, info.version, file.string());
  try {
    registers(components);
  } catch (const PluginError&) {
    throw;
  } catch (const std::exception& error) {
    fail(first_line(error.what()));
  } catch (...) {
    fail("it threw something that is not a std::exception.");
  }
  if (const auto threads = before.new_threads(); threads > 0)
    fail("it has started " + std::to_string(threads) + (threads == 1 ? " thread" : " threads") +
         ", which the processes that train trials would wait for in vain. Compute when a component "
         "is "
         "made, not before.");
  return info;
}

}  // namespace

std::vector<fs::path> default_search_path() {
  if (const char* const only = std::getenv("VARIA_PLUGIN_FOLDER"); only != nullptr && *only != 0)
    return {only};
  std::vector<fs::path> path;
  if (const char* const variable = std::getenv("VARIA_PLUGIN_PATH")) {
    std::istringstream stream(variable);
    for (std::string entry; std::getline(stream, entry, ':');) {
      if (!entry.empty()) path.emplace_back(entry);
    }
  }
  std::error_code error;
  const auto root = own_program().parent_path().parent_path();
  for (const char* folder : {"plugins", "lib/varia/plugins"}) {
    if (fs::is_directory(root / folder, error)) path.push_back(root / folder);
  }
  return path;
}

std::vector<fs::path> libraries_of(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".so") files.push_back(entry->path());
  }
  if (error) throw PluginError(folder.string(), "cannot be read: " + error.message() + ".");
  std::ranges::sort(files);
  return files;
}

PluginHost::PluginHost(Registry& registry) : registry_(registry) {}

void PluginHost::load_search_path(const std::vector<fs::path>& files_and_folders) {
  for (const auto& entry : files_and_folders) {
    std::error_code error;
    if (!fs::is_directory(entry, error)) {
      load_leniently(entry);
      continue;
    }
    std::vector<fs::path> files;
    try {
      files = libraries_of(entry);
    } catch (const PluginError& failure) {
      add_failure(failure.what());
    }
    for (const auto& file : files) load_leniently(file);
  }
}

void PluginHost::load(const fs::path& file_or_folder) {
  std::error_code error;
  if (fs::is_directory(file_or_folder, error)) {
    const auto files = libraries_of(file_or_folder);
    if (files.empty())
      throw PluginError(file_or_folder.string(), "the folder has no plugin (*.so).");
    for (const auto& file : files) load_file(file);
  } else {
    load_file(file_or_folder);
  }
}

void PluginHost::load_file(const fs::path& file) {
  const auto path = real_path(file);
  if (is_loaded(path)) return;
  Registry components;
  auto info = stage(path, components);
  commit(std::move(info), components);
}

void PluginHost::load_leniently(const fs::path& file) {
  const auto path = real_path(file);
  if (is_loaded(path)) return;
  Registry components;
  PluginInfo info;
  try {
    info = stage(path, components);
  } catch (const PluginError& error) {
    add_failure(error.what());
    return;
  }
  commit(std::move(info), components);
}

bool PluginHost::is_loaded(const fs::path& canonical) const {
  return std::ranges::any_of(loaded_, [&](const auto& info) { return info->file == canonical; });
}

void PluginHost::commit(PluginInfo info, const Registry& staged) {
  const auto components = staged.list();
  // First the names that are taken: `add` refuses them before any other is registered.
  for (const auto* component : components) {
    if (registry_.find(component->kind, component->name)) registry_.add(*component);
  }
  for (const auto* component : components) registry_.add(*component);
  loaded_.push_back(std::make_unique<PluginInfo>(std::move(info)));
}

void PluginHost::add_failure(const std::string& message) {
  failures_.push_back(message);
  std::string note = "Not loaded:";
  for (const auto& failure : failures_) note += "\n  " + failure;
  registry_.set_note(HostKey{}, note);
}

}  // namespace varia::host
