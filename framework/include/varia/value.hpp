#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "varia/error.hpp"
#include "varia/export.hpp"

namespace varia {

/// A piece of configuration: null, a scalar, a list or a map, with the place where it was written.
///
/// Scalars keep their text; the parameter that reads one decides its type, so that `1e-3` is a
/// number if a number is expected. A value has no tie to YAML: the experiment reader makes it
/// from a file, the command line from `KEY=VALUE`, the parameters from their resolved state.
class VARIA_API Value {
 public:
  enum class Kind { null, scalar, list, map };
  struct Entry;

  Value();
  explicit Value(Location where);
  Value(const Value&);
  Value(Value&&) noexcept;
  Value& operator=(const Value&);
  Value& operator=(Value&&) noexcept;
  ~Value();

  /// A scalar as it was written. `quoted` text is never read as a number or a boolean.
  static Value scalar(std::string text, bool quoted = false, Location where = {});
  /// The same as a quoted scalar.
  static Value text(std::string text);
  static Value integer(std::int64_t number);
  /// Written in the shortest form that reads back as the same number.
  static Value real(double number);
  static Value boolean(bool truth);
  static Value list(std::vector<Value> items = {}, Location where = {});
  static Value map();
  static Value map(std::vector<Entry> entries, Location where = {});

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::null; }
  bool is_scalar() const { return kind_ == Kind::scalar; }
  bool is_list() const { return kind_ == Kind::list; }
  bool is_map() const { return kind_ == Kind::map; }
  const Location& where() const { return where_; }
  void set_where(Location where) { where_ = std::move(where); }

  /// The text of a scalar; empty for anything else.
  const std::string& text() const { return text_; }
  bool quoted() const { return quoted_; }
  /// The scalar read as a type; nullopt if it is not one. An integer may be written `1e3`
  /// (up to 2^53, below which reals are exact); a real may be `inf`, `-inf` or `nan` (also `.inf`,
  /// `-.inf`, `.nan`); a boolean is `true` or `false`.
  std::optional<std::int64_t> as_integer() const;
  std::optional<double> as_real() const;
  std::optional<bool> as_boolean() const;

  const std::vector<Value>& items() const { return items_; }
  /// Appends to a list; null becomes a list of one.
  /// @throws std::logic_error if it is a scalar or a map.
  void push(Value item);

  /// The entries of a map, in the order in which they were written.
  const std::vector<Entry>& entries() const;
  const Value* find(std::string_view key) const;
  Value* find(std::string_view key);
  /// Replaces or appends; null becomes a map of one.
  /// @throws std::logic_error if it is a scalar or a list.
  void set(std::string key, Value value, Location key_where = {});
  void erase(std::string_view key);

  /// What it is, for messages: "3", "'abc'", "the text '3'" (quoted), "a list of 4", "a map",
  /// "nothing". Long text is cut.
  std::string describe() const;

  /// One line of JSON with sorted keys: equal values, however written, give equal text (`1`, `1.0`
  /// and `1e0` are one). Infinities and NaN are the strings ".inf", "-.inf" and ".nan". It is valid
  /// YAML, and what the identity of a trial is hashed from.
  std::string canonical() const;

 private:
  Kind kind_ = Kind::null;
  bool quoted_ = false;
  std::string text_;
  std::vector<Value> items_;
  std::vector<Entry> entries_;
  Location where_;
};

struct Value::Entry {
  std::string key;
  Value value;
  Location key_where;
};

/// Deep equality of content: places, the order of keys and the way numbers are written aside.
VARIA_API bool same_content(const Value& a, const Value& b);

/// The name nearest to `name`, or empty if none is near: at most a third of its letters, and at
/// least one, may be inserted, removed, replaced or swapped with a neighbour. Names of more than
/// 200 bytes are never near.
VARIA_API std::string nearest_name(std::string_view name, const std::vector<std::string>& known);

/// "Did you mean 'beta'? Known: beta, capacity, gamma." The question is left out if no name is
/// near.
VARIA_API std::string suggestion(std::string_view name, std::vector<std::string> known);

/// The shortest decimal text that reads back as `number`: "1", "0.1", "1e-05", ".inf", ".nan".
VARIA_API std::string number_text(double number);

}  // namespace varia
