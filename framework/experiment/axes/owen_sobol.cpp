#include "experiment/axes/owen_sobol.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <array>

namespace varia::experiment {
namespace {

constexpr int kDigits = 53;  // of a double

/// Flips each binary digit by a coin that depends on the digits above it.
std::uint64_t scramble(std::uint64_t digits, std::uint64_t seed) {
  std::uint64_t scrambled = 0;
  for (int i = 0; i < kDigits; ++i) {
    const std::uint64_t above = i == 0 ? 0 : digits >> (64 - i);
    const std::array<std::uint64_t, 2> node{static_cast<std::uint64_t>(i), above};
    const std::uint64_t coin = XXH64(node.data(), sizeof node, seed) & 1;
    const std::uint64_t digit = (digits >> (63 - i)) & 1;
    scrambled = scrambled << 1 | (digit ^ coin);
  }
  return scrambled;
}

}  // namespace

OwenSobol::OwenSobol(std::vector<std::uint64_t> seeds)
    : seeds_(std::move(seeds)), engine_(seeds_.size()) {}

std::vector<double> OwenSobol::next() {
  std::vector<double> point;
  for (const std::uint64_t seed : seeds_) {
    // Boost leaves out the origin, without which the points are not balanced.
    const std::uint64_t digits = at_origin_ ? 0 : engine_();
    point.push_back(static_cast<double>(scramble(digits, seed)) * 0x1p-53);
  }
  at_origin_ = false;
  return point;
}

}  // namespace varia::experiment
