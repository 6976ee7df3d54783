#include "host/abi_tag.hpp"

#include <elf.h>
#include <link.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <string_view>
#include <system_error>

#include "varia/error.hpp"
#include "varia/plugin.hpp"

namespace varia::host {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMaxFileBytes = std::uintmax_t{1} << 30;
constexpr std::uintmax_t kMaxNameBytes = std::uintmax_t{1} << 20;
constexpr std::size_t kMaxTagLength = 256;

AbiTag parse(std::string_view tag) {
  tag.remove_prefix(std::string_view(VARIA_ABI_PREFIX).size());
  AbiTag result;
  while (!tag.empty()) {
    const auto field = tag.substr(0, tag.find('|'));
    tag.remove_prefix(std::min(tag.size(), field.size() + 1));
    const auto equals = std::min(field.find('='), field.size());
    result.fields.emplace_back(field.substr(0, equals),
                               field.substr(std::min(field.size(), equals + 1)));
  }
  return result;
}

std::string type_name(fs::file_type type) {
  switch (type) {
    case fs::file_type::directory:
      return "a folder";
    case fs::file_type::fifo:
      return "a named pipe";
    case fs::file_type::socket:
      return "a socket";
    default:
      return "a device";
  }
}

/// Size of the file, checked before anything is opened: opening a named pipe would wait for ever.
std::uintmax_t checked_size(const fs::path& file) {
  std::error_code error;
  const auto type = fs::status(file, error).type();
  if (type == fs::file_type::not_found)
    throw PluginError(file.string(), "no such file. A plugin is built before it is used.");
  if (error) throw PluginError(file.string(), "cannot be read: " + error.message() + ".");
  if (type != fs::file_type::regular) {
    throw PluginError(file.string(), "is " + type_name(type) + "; a plugin is a shared library.");
  }
  const auto size = fs::file_size(file, error);
  if (error) throw PluginError(file.string(), "cannot be read: " + error.message() + ".");
  if (size == 0) {
    throw PluginError(file.string(), "the file is empty. Rebuild it: " + rebuild_command(file));
  }
  if (size > kMaxFileBytes) {
    throw PluginError(file.string(), "the file has " + std::to_string(size) +
                                         " bytes; a plugin has at most " +
                                         std::to_string(kMaxFileBytes) + ".");
  }
  return size;
}

/// Reads `count` bytes at `offset`. @returns false if the file ends before
bool read_at(std::ifstream& stream, std::uintmax_t size, std::uintmax_t offset, void* target,
             std::uintmax_t count) {
  if (offset > size || count > size - offset) return false;
  stream.seekg(static_cast<std::streamoff>(offset));
  stream.read(static_cast<char*>(target), static_cast<std::streamsize>(count));
  return stream.good();
}

/// The names of all sections, each ended by a zero; nullopt if the file is damaged.
/// Boost.DLL's library_info trusts the sizes that the file states: it allocates them, and reads
/// beyond the names if the last has no end.
std::optional<std::string> section_names(std::ifstream& stream, std::uintmax_t size,
                                         const ElfW(Ehdr) & header) {
  ElfW(Shdr) table{};
  if (header.e_shentsize != sizeof table || header.e_shstrndx >= header.e_shnum) return {};
  const std::uintmax_t position = std::uintmax_t{header.e_shstrndx} * sizeof table;
  if (header.e_shoff > size ||
      !read_at(stream, size, header.e_shoff + position, &table, sizeof table) ||
      table.sh_type != SHT_STRTAB || table.sh_size > kMaxNameBytes) {
    return {};
  }
  std::string names(table.sh_size, '\0');
  if (!read_at(stream, size, table.sh_offset, names.data(), names.size())) return {};
  return names;
}

bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

std::string label(const std::string& field) {
  if (field == "api") return "plugin interface";
  if (field == "torch") return "LibTorch";
  if (field == "compiler") return "compiler";
  if (field == "string") return "std::string";
  if (field == "stl") return "standard library";
  return field;
}

std::string shown(const AbiTag& tag, const std::string& field) {
  const auto value = tag.value(field);
  return value.empty() ? "no " + label(field) : label(field) + " " + value;
}

}  // namespace

std::string AbiTag::value(const std::string& name) const {
  for (const auto& [field, value] : fields)
    if (field == name) return value;
  return {};
}

AbiTag own_abi_tag() { return parse(VARIA_ABI_TAG); }

AbiTag read_abi_tag(const fs::path& file) {
  const auto size = checked_size(file);
  std::ifstream stream(file, std::ios::binary);
  if (!stream) {
    const auto reason = std::generic_category().message(errno);
    throw PluginError(file.string(), "cannot be read: " + reason + ".");
  }

  ElfW(Ehdr) header{};
  constexpr unsigned char kClass = sizeof(void*) == 8 ? ELFCLASS64 : ELFCLASS32;
  const bool whole = read_at(stream, size, 0, &header, sizeof header);
  if (!whole || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
      header.e_ident[EI_CLASS] != kClass) {
    throw PluginError(file.string(), "is not a shared library of this machine (ELF, " +
                                         std::to_string(8 * sizeof(void*)) + " bit).");
  }
  const auto names = section_names(stream, size, header);
  if (!names) {
    throw PluginError(file.string(),
                      "is damaged or cut off: its table of sections cannot be read. Rebuild it: " +
                          rebuild_command(file));
  }
  // A name may be the end of a longer one; the tag starts its own.
  for (std::size_t begin = 0; begin < names->size();) {
    const std::string_view name(names->c_str() + begin);
    if (name.starts_with(VARIA_ABI_PREFIX) && name.size() <= kMaxTagLength && is_plain(name)) {
      return parse(name);
    }
    begin += name.size() + 1;
  }
  throw PluginError(file.string(),
                    "is a shared library, but not a Varia plugin: it has no ABI tag. Build it with "
                    "varia_add_plugin(), with VARIA_PLUGIN once in its sources.");
}

std::string abi_mismatch(const AbiTag& plugin, const AbiTag& own) {
  std::vector<std::string> names;
  for (const auto* tag : {&own, &plugin}) {
    for (const auto& [name, value] : tag->fields) {
      const bool known = std::ranges::find(names, name) != names.end();
      if (!known && plugin.value(name) != own.value(name)) names.push_back(name);
    }
  }
  std::string theirs;
  std::string ours;
  for (const auto& name : names) {
    theirs += (theirs.empty() ? "" : ", ") + shown(plugin, name);
    ours += (ours.empty() ? "" : ", ") + shown(own, name);
  }
  return names.empty() ? "" : "built for " + theirs + "; this program has " + ours;
}

std::string rebuild_command(const fs::path& file) {
  std::error_code error;
  for (auto folder = fs::absolute(file, error).parent_path(); !error && folder.has_relative_path();
       folder = folder.parent_path()) {
    if (fs::exists(folder / "CMakeCache.txt", error)) {
      const auto text = folder.string();
      const bool quoted = text.find(' ') != std::string::npos;
      return "cmake --build " + (quoted ? '"' + text + '"' : text) + " --clean-first";
    }
  }
  return "cmake --build DIR --clean-first (DIR: where it was built)";
}

}  // namespace varia::host
