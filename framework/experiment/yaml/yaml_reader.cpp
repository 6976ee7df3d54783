#include "experiment/yaml/yaml_reader.hpp"

#include <fmt/format.h>
#include <utf8proc.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <unordered_map>

#include "varia/data_folder.hpp"

namespace varia::experiment {
namespace {

constexpr const char* kTextTag = "tag:yaml.org,2002:str";

/// Builds a Value from the events of one document. Nothing is built that exceeds the bounds.
class Builder final : public YAML::EventHandler {
 public:
  Builder(std::string source, bool with_lines)
      : source_(std::move(source)), with_lines_(with_lines) {}

  bool has_document() const { return documents_ > 0; }
  Value take() { return std::move(root_); }
  Location at(const YAML::Mark& mark) const {
    return with_lines_ ? Location{source_, mark.line + 1, mark.column + 1} : Location{source_};
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1)
      throw ConfigError(at(mark), "a second YAML document starts here; expected one per file");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (wants_key()) throw ConfigError(at(mark), "a key is missing before ':'");
    // yaml-cpp gives the place of whatever comes next.
    const bool in_map = !open_.empty() && open_.back().is_map;
    add(Value(in_map ? open_.back().key_where : at(mark)), anchor, {.values = 1});
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    const bool plain = tag == "?" || tag.empty();
    if (!plain && tag != "!" && tag != kTextTag) refuse_tag(mark, tag);
    add(Value::scalar(text, !plain, at(mark)), anchor, {.values = 1, .bytes = text.size()});
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end())
      throw ConfigError(at(mark), "this alias stands inside the value that it refers to");
    const auto& [value, size] = found->second;
    check_bounds(at(mark), size);
    add(value, 0, size);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, false);
  }
  void OnSequenceEnd() override {
    Open list = close();
    add(Value::list(std::move(list.items), list.where), list.anchor, list.size);
  }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, true);
  }
  void OnMapEnd() override {
    Open map = close();
    merge_bases(map);
    add(Value::map(std::move(map.entries), map.where), map.anchor, map.size);
  }

 private:
  struct Size {
    std::size_t values = 0;
    std::size_t bytes = 0;  ///< of scalars
    int height = 0;

    void add(const Size& part) {
      values += part.values;
      bytes += part.bytes;
      height = std::max(height, part.height);
    }
  };

  /// A list or map whose end is yet to come.
  struct Open {
    bool is_map = false;
    Location where;
    YAML::anchor_t anchor = 0;
    Size size;
    std::vector<Value> items;
    std::vector<Value::Entry> entries;
    std::unordered_map<std::string, Location> keys;
    std::vector<Value> bases;  ///< of merge keys
    std::optional<std::string> key;
    bool key_merges = false;
    Location key_where;
  };

  bool wants_key() const { return !open_.empty() && open_.back().is_map && !open_.back().key; }

  [[noreturn]] void refuse_tag(const YAML::Mark& mark, const std::string& tag) const {
    constexpr std::string_view kStandard = "tag:yaml.org,2002:";
    const bool known = tag.starts_with(kStandard);
    throw ConfigError(at(mark), fmt::format("the tag '{}' is not known; remove it (text may be "
                                            "marked by quotes)",
                                            known ? "!!" + tag.substr(kStandard.size()) : tag));
  }

  void check_bounds(const Location& where, const Size& size) const {
    if (total_.values + size.values > kMaxValues)
      throw ConfigError(where, fmt::format("more than {} values, aliases expanded", kMaxValues));
    if (total_.bytes + size.bytes > kMaxTextBytes)
      throw ConfigError(
          where, fmt::format("more than {} MB of text, aliases expanded", kMaxTextBytes >> 20));
    if (static_cast<int>(open_.size()) + size.height > kMaxDepth)
      throw ConfigError(where,
                        fmt::format("more than {} lists and maps inside each other", kMaxDepth));
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, bool is_map) {
    const Location where = at(mark);
    if (wants_key()) throw ConfigError(where, "a key must be text; found a list or a map");
    if (tag != "?" && !tag.empty() && tag != "!") refuse_tag(mark, tag);
    check_bounds(where, {.values = 1, .height = 1});
    Open opened;
    opened.is_map = is_map;
    opened.where = where;
    opened.anchor = anchor;
    opened.size.values = 1;
    ++total_.values;
    open_.push_back(std::move(opened));
  }

  Open close() {
    Open closed = std::move(open_.back());
    open_.pop_back();
    ++closed.size.height;
    // Its parts were counted one by one, and `add` counts the whole.
    total_.values -= closed.size.values;
    total_.bytes -= closed.size.bytes;
    return closed;
  }

  void add(Value value, YAML::anchor_t anchor, const Size& size) {
    check_bounds(value.where(), size);
    total_.add(size);
    if (anchor != 0) {
      // The copy that is kept for aliases counts as well.
      check_bounds(value.where(), size);
      total_.add(size);
      anchors_[anchor] = {value, size};
    }
    if (open_.empty()) {
      root_ = std::move(value);
      return;
    }
    Open& parent = open_.back();
    parent.size.add(size);
    if (!parent.is_map)
      parent.items.push_back(std::move(value));
    else if (!parent.key)
      set_key(parent, value);
    else
      add_entry(parent, std::move(value));
  }

  static void set_key(Open& map, const Value& key) {
    if (!key.is_scalar())
      throw ConfigError(key.where(), "a key must be text; found " + key.describe());
    const std::string& text = key.text();
    if (text.empty() || text.size() > kMaxKeyBytes ||
        std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; }))
      throw ConfigError(key.where(),
                        fmt::format("expected a key of 1 to {} printable bytes, found {}",
                                    kMaxKeyBytes, key.describe()));
    map.key = text;
    map.key_where = key.where();
    map.key_merges = text == "<<" && !key.quoted();
  }

  static void add_entry(Open& map, Value value) {
    if (map.key_merges) {
      add_bases(map, std::move(value));
    } else {
      const auto [first, is_new] = map.keys.emplace(*map.key, map.key_where);
      if (!is_new)
        throw ConfigError(map.key_where,
                          fmt::format("the key '{}' is given twice; first at {}:{}", *map.key,
                                      first->second.line, first->second.column));
      map.entries.push_back({*map.key, std::move(value), map.key_where});
    }
    map.key.reset();
  }

  static void add_bases(Open& map, Value value) {
    const std::vector<Value> bases =
        value.is_list() ? value.items() : std::vector<Value>{std::move(value)};
    for (const Value& base : bases) {
      if (!base.is_map())
        throw ConfigError(
            map.key_where,
            "the merge key '<<' expects a map or a list of maps, found " + base.describe());
      map.bases.push_back(base);
    }
  }

  static void merge_bases(Open& map) {
    for (const Value& base : map.bases)
      for (const auto& entry : base.entries())
        if (map.keys.emplace(entry.key, entry.key_where).second) map.entries.push_back(entry);
  }

  std::string source_;
  bool with_lines_;
  int documents_ = 0;
  Size total_;  // its height is of no use
  std::vector<Open> open_;
  std::unordered_map<YAML::anchor_t, std::pair<Value, Size>> anchors_;
  Value root_;
};

/// Refuses bytes that are not UTF-8: yaml-cpp reads them, and writes others in their place.
void check_encoding(const std::string& text, const std::string& source, bool with_lines) {
  const auto* const bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  int line = 1;
  int column = 1;
  for (std::size_t i = 0; i < text.size(); ++column) {
    utf8proc_int32_t character = -1;
    const auto size =
        utf8proc_iterate(bytes + i, static_cast<utf8proc_ssize_t>(text.size() - i), &character);
    if (size < 1)
      throw ConfigError(with_lines ? Location{source, line, column} : Location{source},
                        "is not UTF-8 text; save the file in that encoding");
    if (character == '\n') {
      ++line;
      column = 0;
    }
    i += static_cast<std::size_t>(size);
  }
}

/// The line, from 1, that holds the byte `at`.
int line_of(const std::string& text, std::size_t at) {
  return 1 + static_cast<int>(
                 std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
}

void check_text(const std::string& text, const std::string& source, bool with_lines) {
  if (text.size() > kMaxFileBytes)
    throw ConfigError(Location{source},
                      fmt::format("larger than {} MB; an experiment file is a page of text",
                                  kMaxFileBytes >> 20));
  const bool binary = std::ranges::any_of(
      text, [](unsigned char c) { return c < 0x20 && c != '\n' && c != '\r' && c != '\t'; });
  if (binary) throw ConfigError(Location{source}, "is a binary file; expected YAML, text in UTF-8");
  check_encoding(text, source, with_lines);
  // To YAML it is the end of a line; yaml-cpp sometimes takes it for a part of a text.
  for (auto at = text.find('\r'); at != std::string::npos; at = text.find('\r', at + 1))
    if (text.compare(at, 2, "\r\n") != 0)
      throw ConfigError(with_lines ? Location{source, line_of(text, at)} : Location{source},
                        "holds a carriage return that ends no line; save the file with the line "
                        "ends LF or CRLF");
}

/// What yaml-cpp does not say of the commonest mistake; nothing if no line up to `last`, which
/// counts from 0, begins with a tab.
std::string tab_hint(const std::string& text, int last) {
  std::istringstream lines(text);
  std::string line;
  for (int number = 0; number <= last && std::getline(lines, line); ++number) {
    const auto indented = line.find_first_not_of(' ');
    if (indented != std::string::npos && line[indented] == '\t')
      return fmt::format(". Line {} is indented by a tab; YAML takes spaces", number + 1);
  }
  return "";
}

/// What the words of yaml-cpp mean to who wrote the file.
std::string meaning_of(const std::string& message) {
  if (message.find("flow not found") != std::string::npos)
    return ". A { or [ of a line above, or of this one, is not closed, or a comma is missing";
  if (message == "end of map not found" || message == "end of sequence not found")
    return ". The line does not begin in the column of those that it belongs to";
  return "";
}

/// Null if there is no document.
std::optional<Value> parse(const std::string& text, const std::string& source, bool with_lines) {
  check_text(text, source, with_lines);
  std::istringstream stream(text);
  Builder builder(source, with_lines);
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& error) {
    throw ConfigError(
        builder.at(error.mark),
        "not valid YAML: " + error.msg + meaning_of(error.msg) + tab_hint(text, error.mark.line));
  }
  if (!builder.has_document()) return std::nullopt;
  return builder.take();
}

/// @throws ConfigError if it is null
Value not_empty(Value value, const std::string& source) {
  if (value.is_null()) throw ConfigError(Location{source}, "is empty");
  return value;
}

}  // namespace

Value read_yaml_file(const std::string& path) {
  return not_empty(read_yaml_file_or_null(path), path);
}

Value read_yaml_file_or_null(const std::string& path) {
  const Location where{path};
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) {
    const auto near = nearest_file(path, ".yaml");
    throw ConfigError(where, "cannot be read: No such file or directory" +
                                 (near.empty() ? "" : ". Did you mean '" + near + "'?"));
  }
  if (std::filesystem::is_directory(status))
    throw ConfigError(where, "is a directory; expected a YAML file");
  if (!std::filesystem::is_regular_file(status))
    throw ConfigError(where, "is not a regular file; expected a YAML file");
  std::ifstream file(path, std::ios::binary);
  if (!file) throw ConfigError(where, fmt::format("cannot be read: {}", std::strerror(errno)));
  // One byte more than allowed tells a file that is too large.
  std::string text(kMaxFileBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) throw ConfigError(where, fmt::format("cannot be read: {}", std::strerror(errno)));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return parse(text, path, true).value_or(Value(where));
}

Value read_yaml_text(const std::string& text, const std::string& source) {
  return not_empty(parse(text, source, true).value_or(Value()), source);
}

Value read_yaml_value(const std::string& text, const Location& where) {
  // As the value of a key: at the top of a document, yaml-cpp takes an open list for a key.
  const auto map = parse("value: " + text, where.file, false);
  return map->entries()[0].value;
}

}  // namespace varia::experiment
