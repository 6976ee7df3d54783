#pragma once

#include <string>
#include <string_view>

namespace varia {

/// Text for a message: in quotes, control characters replaced, cut after 80 bytes.
std::string quote(std::string_view text);

}  // namespace varia
