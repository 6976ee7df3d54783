#include "pages/report/write_report.hpp"

#include <regex>

#include "support/catch.hpp"
#include "unit/pages/chart_library_folder.hpp"
#include "unit/pages/report_fixtures.hpp"
#include "varia/sha256.hpp"

using namespace varia;
using namespace varia::report;

TEST_CASE("a chart library that is not the pinned one is not put into a report") {
  const Sweep sweep;
  const DataFolder data("alert(1)");
  const auto target = sweep.folder / "report.html";
  CHECK_THROWS_AS(write_report(sweep.files(), target), DataError);
  CHECK_FALSE(std::filesystem::exists(target));
}

TEST_CASE("a report never replaces the results that it is made of") {
  const Sweep sweep;
  const auto before = results::bytes_of(sweep.path());
  CHECK_THROWS_AS(write_report(sweep.files(), sweep.path()), ConfigError);
  CHECK(results::bytes_of(sweep.path()) == before);
}

TEST_CASE("a report is one page whose policy names its scripts and nothing else") {
  const std::string hostile = "</script><script>alert(1)</script><!--";
  const Sweep sweep(hostile, hostile);
  const auto target = sweep.folder / "report.html";
  const auto summary = write_report(sweep.files(), target);
  const auto page = results::bytes_of(target);
  CHECK(summary.bytes == page.size());
  CHECK(summary.trials == 4);
  CHECK(summary.pictures == 12);

  CHECK(page.find("alert(1)</script>") == std::string::npos);
  CHECK(contains(page, "<title>&lt;/script&gt;"));
  CHECK_FALSE(std::regex_search(page.substr(0, page.find("<script>")),
                                std::regex(R"((src|href)="(?!data:))")));
  // Every script that runs is one whose digest the policy has.
  const auto policy = page.substr(0, page.find("<title>"));
  std::size_t scripts = 0;
  for (auto at = page.find("<script>"); at != std::string::npos; at = page.find("<script>", at)) {
    at += 8;
    const auto end = page.find("</script>", at);
    Sha256 hash;
    hash.update(page.substr(at, end - at));
    const auto digits = hash.digest();
    std::string bytes;
    for (std::size_t i = 0; i < digits.size(); i += 2)
      bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
    CHECK(contains(policy, "&#39;sha256-" + base64(bytes) + "&#39;"));
    ++scripts;
    at = end;
  }
  CHECK(scripts > 10);
  CHECK(contains(page, "The Apache Software Foundation"));
  CHECK(contains(page, "TERMS AND CONDITIONS FOR USE"));
}
