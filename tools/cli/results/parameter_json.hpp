#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "varia/value.hpp"

namespace varia::cli {

/// A parameter's value as JSON of every command has it: a number, whole ones without a fraction;
/// true or false; a list; else text, infinities among them (".inf").
/// @param value as `Trial::parameters` gives it
nlohmann::json parameter_json(const Value& value);

/// The same of the text that a results file has of a value. It does not tell a name from a number
/// or a truth value that is spelled like it.
nlohmann::json parameter_json(const std::string& text);

/// Values by their keys; those without a text are left out.
nlohmann::json parameters_json(const std::vector<std::string>& keys,
                               const std::vector<std::string>& texts);

}  // namespace varia::cli
