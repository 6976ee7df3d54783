#include "experiment/yaml/layers.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "experiment/yaml/dotted_key.hpp"
#include "experiment/yaml/yaml_reader.hpp"

namespace varia::experiment {
namespace {

namespace fs = std::filesystem;

std::string beside(const std::string& file, const std::string& path) {
  return (fs::path(file).parent_path() / path).lexically_normal().string();
}

void place_plugins(Value& tree, const std::string& file) {
  Value* plugins = tree.find("plugins");
  if (!plugins || !plugins->is_list()) return;
  std::vector<Value> placed;
  for (const Value& plugin : plugins->items())
    placed.push_back(plugin.is_scalar()
                         ? Value::scalar(beside(file, plugin.text()), true, plugin.where())
                         : plugin);
  *plugins = Value::list(std::move(placed), plugins->where());
}

void check_map(const Value& tree) {
  if (!tree.is_map())
    throw ConfigError(tree.where(),
                      "expected a map of keys such as 'model', found " + tree.describe());
}

/// The same content, as if it stood in another file.
Value moved(const Value& value, const std::string& file) {
  const auto place = [&](const Location& where) {
    return Location{file, where.line, where.column};
  };
  if (value.is_list()) {
    std::vector<Value> items;
    for (const Value& item : value.items()) items.push_back(moved(item, file));
    return Value::list(std::move(items), place(value.where()));
  }
  if (value.is_map()) {
    std::vector<Value::Entry> entries;
    for (const auto& entry : value.entries())
      entries.push_back({entry.key, moved(entry.value, file), place(entry.key_where)});
    return Value::map(std::move(entries), place(value.where()));
  }
  Value copy = value;
  copy.set_where(place(value.where()));
  return copy;
}

/// A file of the name of `path` in a folder that is relative to it.
std::string place_in(const Value& folder, const std::string& path) {
  if (!folder.is_scalar() || folder.text().empty())
    throw ConfigError(folder.where(),
                      "relative_to: expected a folder, or a map from sections to "
                      "folders, found " +
                          folder.describe());
  return (fs::path(path).parent_path() / folder.text() / fs::path(path).filename())
      .lexically_normal()
      .string();
}

/// Obeys `relative_to`. @returns the place of the file from which relative paths start
std::string apply_relative_to(Value& tree, const std::string& path) {
  if (!tree.find("relative_to")) return path;
  const Value folders = *tree.find("relative_to");
  tree.erase("relative_to");
  if (!folders.is_map()) {
    const auto place = place_in(folders, path);
    tree = moved(tree, place);
    return place;
  }
  for (const auto& entry : folders.entries()) {
    Value* section = tree.find(entry.key);
    if (!section)
      throw ConfigError(entry.key_where,
                        "relative_to: this file has no section '" + entry.key + "'");
    *section = moved(*section, place_in(entry.value, path));
  }
  return path;
}

/// `chain`: the files from the experiment to this one.
Value resolve(Value tree, std::string path, std::vector<std::string> chain) {
  check_map(tree);
  path = apply_relative_to(tree, path);
  place_plugins(tree, path);
  const Value* extends = tree.find("extends");
  if (!extends) return tree;
  if (!extends->is_scalar())
    throw ConfigError(extends->where(), "extends: expected the path of an experiment file, found " +
                                            extends->describe());
  const std::string base_path = beside(path, extends->text());
  const bool cycle = std::ranges::any_of(chain, [&](const std::string& file) {
    std::error_code error;
    return file == base_path || fs::equivalent(file, base_path, error);
  });
  chain.push_back(base_path);
  if (cycle)
    throw ConfigError(extends->where(), fmt::format("extends: a file cannot extend itself: {}",
                                                    fmt::join(chain, " -> ")));
  std::error_code unreadable;  // that of a name that is too long, say
  if (!fs::exists(base_path, unreadable))
    throw ConfigError(extends->where(), fmt::format("extends: there is no file '{}'", base_path));
  Value base = resolve(read_yaml_file(base_path), base_path, std::move(chain));
  // Two experiments of one name would write one results file; what is published of one experiment
  // is not true of another.
  base.erase("name");
  base.erase("published");
  tree.erase("extends");
  merge(base, tree);
  base.set_where(tree.where());
  return base;
}

}  // namespace

Value resolve_extends(Value tree, const std::string& path) {
  return resolve(std::move(tree), path, {path});
}

}  // namespace varia::experiment
