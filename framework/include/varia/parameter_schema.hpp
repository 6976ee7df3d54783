#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "varia/export.hpp"
#include "varia/value.hpp"

/// JSON Schemas (draft-07) of what an experiment file takes, as values whose canonical text is the
/// JSON. Components are referred to as `#/definitions/KIND`.
namespace varia {

/// A schema of these keywords; those that are null are left out.
VARIA_API Value schema_of(std::initializer_list<std::pair<const char*, Value>> keywords);

/// "#/definitions/KIND" of a kind of component.
VARIA_API Value component_schema(const std::string& kind);

/// A map with these properties and no others; null is an empty one.
/// @param properties a map from keys to schemas
VARIA_API Value map_schema(Value properties);

/// A schema with `then` for maps and `otherwise` for anything else. What describes `otherwise`, its
/// default and description, stays outside, where editors look for it.
VARIA_API Value schema_if_map(Value then, Value otherwise);

/// What a map with `use` may hold if `use` is `name`.
struct UseSchema {
  std::string name;
  Value keys;       ///< a map from the keys beside `use` to their schemas
  std::string doc;  ///< one line
};

/// The name of one of `options`, or a map with `use` and what belongs to it.
/// @param default_use what a map without `use` configures; empty: any of them, as a file does that
///        extends another
VARIA_API Value use_schema(const std::vector<UseSchema>& options,
                           const std::string& default_use = "");

}  // namespace varia
