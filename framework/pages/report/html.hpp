#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace varia::report {

/// Text that stays text between tags and in quoted attributes: & < > " ' become references.
std::string escape_html(std::string_view text);

/// JSON for the inside of a <script> element: `<` is written \u003c, so that no text can end the
/// element or open a comment. Text that is not UTF-8 gets replacement characters; numbers that are
/// not finite become null.
std::string script_json(const nlohmann::json& document);

}  // namespace varia::report
