#pragma once
// What clang reads before any source of this repository (tools/tidy, and the preset `fuzz`).
//
// LibTorch 1.13 has vectors of a class that is not complete yet. In C++20 clang wants to see
// through their constructors at once, since GCC 12 makes them constexpr; so they are not, for clang
// alone.
#include <algorithm>
#include <memory>
#include <string>
#if _GLIBCXX_RELEASE == 12
// NOLINTBEGIN(bugprone-reserved-identifier): they are the library's.
#undef _GLIBCXX20_CONSTEXPR
#define _GLIBCXX20_CONSTEXPR
#define __fill_a1 fill_bits
#include <vector>
#undef __fill_a1
#undef _GLIBCXX20_CONSTEXPR
#define _GLIBCXX20_CONSTEXPR constexpr
// NOLINTEND(bugprone-reserved-identifier)
#endif
