#include "experiment/yaml/dotted_key.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "experiment/sections.hpp"

namespace varia::experiment {
namespace {

using Parts = std::vector<std::string>;

void put(Value& node, const Assignment& assignment, std::size_t depth);

bool is_word(const Value& value) {
  return value.is_scalar() && !value.as_real() && !value.as_boolean();
}

void put_in_map(Value& node, const Assignment& assignment, std::size_t depth) {
  const std::string& part = assignment.path[depth];
  const bool last = depth + 1 == assignment.path.size();
  if (last && part == "use") {
    const Value* use = node.find("use");
    if (use && same_content(*use, assignment.value)) return;
    node = Value::map({}, assignment.key_where);
  }
  if (last) {
    node.set(part, assignment.value, assignment.key_where);
    return;
  }
  if (!node.find(part)) node.set(part, Value(assignment.key_where), assignment.key_where);
  put(*node.find(part), assignment, depth + 1);
}

/// Into the entry of `metrics` or `views` whose name is the next part.
void put_in_list(Value& list, const Assignment& assignment, std::size_t depth) {
  const std::string& name = assignment.path[depth];
  std::vector<Value> items = list.items();
  const auto found =
      std::ranges::find_if(items, [&](const Value& item) { return entry_name(item) == name; });
  if (found == items.end()) {
    Parts known;
    for (const Value& item : items) known.push_back(entry_name(item));
    throw ConfigError(assignment.key_where,
                      fmt::format("{}: {} has no entry '{}'. {}", assignment.key,
                                  assignment.path[0], name, suggestion(name, std::move(known))));
  }
  if (depth + 1 == assignment.path.size())
    *found = assignment.value;
  else
    put(*found, assignment, depth + 1);
  list = Value::list(std::move(items), list.where());
}

void put(Value& node, const Assignment& assignment, std::size_t depth) {
  if (is_word(node))
    node = Value::map({{"use", node, node.where()}}, node.where());
  else if (node.is_scalar() || node.is_null())
    node = Value::map({}, assignment.key_where);
  if (node.is_map()) return put_in_map(node, assignment, depth);
  if (depth == 1 && is_entry_section(assignment.path[0]))
    return put_in_list(node, assignment, depth);
  throw ConfigError(
      assignment.key_where,
      fmt::format("{}: '{}' is a list; a dotted key cannot go into it. Give the whole "
                  "list",
                  assignment.key, assignment.path[depth - 1]));
}

}  // namespace

std::vector<std::string> split_key(const std::string& key, const Location& where) {
  Parts parts(1);
  for (const char c : key) {
    if (c == '.')
      parts.emplace_back();
    else
      parts.back() += c;
  }
  if (std::ranges::any_of(parts, [](const auto& part) { return part.empty(); }))
    throw ConfigError(where,
                      fmt::format("'{}' is not a key; expected names with single dots between "
                                  "them, such as loss.beta",
                                  key));
  return parts;
}

void assign(Value& tree, const Assignment& assignment) { put(tree, assignment, 0); }

void sort_for_assigning(std::vector<Assignment>& assignments) {
  const auto rank = [](const Assignment& assignment) {
    const bool use = assignment.path.size() > 1 && assignment.path.back() == "use";
    return std::tuple(assignment.path.size() - (use ? 1 : 0), use);
  };
  std::stable_sort(assignments.begin(), assignments.end(),
                   [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
}

void merge(Value& base, const Value& over) {
  const Value* use = over.find("use");
  const Value* base_use = base.find("use");
  const bool other_component = use && !(base_use && same_content(*use, *base_use));
  if (!base.is_map() || !over.is_map() || other_component) {
    base = over;
    return;
  }
  for (const auto& entry : over.entries()) {
    Value merged = entry.value;
    if (const Value* mine = base.find(entry.key)) {
      merged = *mine;
      merge(merged, entry.value);
    }
    base.set(entry.key, std::move(merged), entry.key_where);
  }
}

std::string entry_name(const Value& entry) {
  if (entry.is_scalar()) return entry.text();
  const Value* name = entry.find("as");
  if (!name) name = entry.find("use");
  return name && name->is_scalar() ? name->text() : "";
}

}  // namespace varia::experiment
