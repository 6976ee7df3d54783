#pragma once

/// Catch2 under either of its major versions (Debian 12 has 2.13, Debian 13 has 3.7).

// LibTorch's log has a CHECK too, which ends the program. Included first and taken away, it cannot
// replace that of Catch2, whatever a test includes later.
#if __has_include(<c10/util/Logging.h>)
#include <c10/util/Logging.h>
#endif
#undef CHECK

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
namespace Catch {
// What version 3 calls them.
using Detail::Approx;
namespace Matchers {
inline auto ContainsSubstring(const std::string& text) { return Contains(text); }
}  // namespace Matchers
}  // namespace Catch
#endif
