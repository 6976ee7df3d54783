#include "varia/domain.hpp"

#include <algorithm>

#include "core/parameters/parameter_support.hpp"
#include "varia/build.hpp"
#include "varia/registry.hpp"

namespace varia {

std::string domain_text(Domain domain) {
  switch (domain) {
    case Domain::unit:
      return "numbers in [0, 1]";
    case Domain::real:
      return "real numbers";
    case Domain::count:
      return "counts";
    case Domain::categorical:
      return "categories";
  }
  return {};
}

std::string default_likelihood(Domain domain) {
  switch (domain) {
    case Domain::unit:
      return "bernoulli";
    case Domain::real:
      return "gaussian";
    case Domain::count:
      return "negative_binomial";
    case Domain::categorical:
      return "categorical";
  }
  return {};
}

namespace {

bool fits(const ComponentInfo& likelihood, const std::vector<DataBlock>& blocks) {
  return std::ranges::all_of(
      blocks, [&](const DataBlock& block) { return likelihood.serves(block.domain); });
}

/// "real numbers and categories", each domain once.
std::string domains_text(const std::vector<Domain>& domains) {
  std::vector<Domain> seen;
  std::string text;
  for (const auto domain : domains) {
    if (std::ranges::find(seen, domain) != seen.end()) continue;
    seen.push_back(domain);
    text += (text.empty() ? "" : " and ") + domain_text(domain);
  }
  return text;
}

}  // namespace

void require_domains(const Registry& registry, const ComponentInfo& likelihood, const Build& build,
                     const Location& where) {
  const auto& blocks = build.data.blocks;
  if (fits(likelihood, blocks)) return;
  std::vector<Domain> found;
  for (const auto& block : blocks) found.push_back(block.domain);
  std::string fitting;
  for (const auto* other : registry.list(likelihood.kind))
    if (fits(*other, blocks)) fitting += (fitting.empty() ? "" : ", ") + other->name;
  const std::string hint = build.train != nullptr ? build.train->annotations().domain_hint : "";
  throw ConfigError(where, "likelihood: " + likelihood.name + " is one of " +
                               domains_text(likelihood.domains) + ", and the data are " +
                               domains_text(found) +
                               (fitting.empty() ? ". No known likelihood is one of these."
                                                : ". Those that fit: " + fitting + ".") +
                               (hint.empty() ? "" : " " + hint));
}

}  // namespace varia
