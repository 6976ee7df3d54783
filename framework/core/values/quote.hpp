#pragma once

#include <string>
#include <string_view>

namespace varia {

/// Text as messages show it: in quotes, on one line, cut after 80 bytes.
std::string quote(std::string_view text);

}  // namespace varia
