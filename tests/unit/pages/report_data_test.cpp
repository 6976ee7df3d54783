#include "pages/report/report_data.hpp"

#include <algorithm>
#include <cmath>

#include "pages/report/settings_data.hpp"
#include "support/catch.hpp"
#include "unit/pages/report_fixtures.hpp"

using namespace varia;
using namespace varia::report;
using Catch::Approx;

namespace {

nlohmann::json metric_named(const nlohmann::json& data, const std::string& name) {
  for (const auto& metric : data["metrics"])
    if (metric["name"] == name) return metric;
  throw std::runtime_error("no metric " + name);
}

}  // namespace

TEST_CASE("a report has every trial with its fields and parameters") {
  const Sweep sweep;
  Blocks blocks;
  const auto data = report_data(sweep.files(), blocks);
  CHECK(data["experiments"][0]["name"] == "sweep");
  CHECK(data["experiments"][0]["yaml"] == "name: sweep\n");
  CHECK(data["trials"]["count"] == 4);
  CHECK(data["trials"]["epochs"] == 3);
  CHECK(coded_value(data["trials"]["id"], 2) == "0000000000000002");
  CHECK(coded_value(data["trials"]["seed"], 0) == "18364758544493064720");
  CHECK(coded_value(data["trials"]["status"], 3) == "failed");
  CHECK(coded_value(data["trials"]["error"], 3) == "the loss is nan");
  CHECK(coded_value(data["trials"]["error"], 0) == "");
  for (const auto& column : data["parameters"]) {
    if (column["key"] == "loss.beta") {
      CHECK(column["swept"] == true);
      CHECK(column["numeric"] == true);
      CHECK(coded_value(column, 1) == 1);
      CHECK(coded_value(column, 2) == 4);
    } else {
      CHECK(column["key"] == "data.use");
      CHECK(coded_value(column, 3) == "mnist");
    }
  }
}

TEST_CASE("settings hold their replicates, missing values and what they say together") {
  const Sweep sweep;
  Blocks blocks;
  const auto data = report_data(sweep.files(), blocks);
  CHECK(data["axes"] == nlohmann::json{"loss.beta"});
  CHECK(data["default_metric"] == "validation/elbo");
  REQUIRE(data["settings"].size() == 2);
  CHECK(data["settings"][0]["trials"] == nlohmann::json{0, 1});
  CHECK(data["settings"][0]["missing"] == "");
  CHECK(data["settings"][1]["missing"] == "1 failed");

  const auto metric = metric_named(data, "validation/elbo");
  CHECK(metric["better"] == "higher");
  const auto centre = numbers_of<double>(blocks, metric["summary"]["centre"]);
  const auto low = numbers_of<double>(blocks, metric["summary"]["low"]);
  const auto high = numbers_of<double>(blocks, metric["summary"]["high"]);
  // Finals -87 and -97: mean -92, Student's half-width 12.7062047364 * 5 (scipy.stats.t.ppf(.975,
  // 1)).
  CHECK(centre[0] == Approx(-92));
  CHECK(low[0] == Approx(-92 - 63.531023682).epsilon(1e-9));
  CHECK(high[0] == Approx(-92 + 63.531023682).epsilon(1e-9));
  // The other setting has one trial that is done, -107, and so no interval.
  CHECK(centre[1] == Approx(-107));
  CHECK(std::isnan(low[1]));
  CHECK(numbers_of<double>(blocks, metric["summary"]["count"]) == std::vector<double>{2, 1});

  const auto band = numbers_of<float>(blocks, metric["band"]["centre"]);
  REQUIRE(band.size() == 2 * 3);
  CHECK(band[0] == Approx(-94));  // epoch 1: -89 and -99
  CHECK(band[2] == Approx(-92));
  CHECK(std::isnan(band[3]));
}

TEST_CASE("a trial that ended early counts with its last value in its setting's curve") {
  const Sweep sweep;
  const auto files = sweep.files();
  const double none = std::nan("");
  // The first two trials are the done ones of a setting. Nothing was recorded at epochs 2 and 4.
  std::vector<double> series(16, none);
  const std::vector<double> recorded = {1, none, 3, none, 2, none, none, none};
  std::ranges::copy(recorded, series.begin());
  Blocks blocks;
  const auto band = SettingsData(files).band(series, 4, blocks);
  const auto centre = numbers_of<float>(blocks, band["centre"]);
  CHECK(centre[0] == Approx(1.5));
  CHECK(std::isnan(centre[1]));
  CHECK(centre[2] == Approx(2.5));
  CHECK(std::isnan(centre[3]));
}

TEST_CASE("curves and arrays are those of the file") {
  const Sweep sweep;
  const auto files = sweep.files();
  Blocks blocks;
  const auto data = report_data(files, blocks);
  for (const std::string name : {"test/elbo", "train/loss", "test/kl_per_dim_z"}) {
    INFO(name);
    const auto metric = metric_named(data, name);
    const auto truth = files[0].metric(name);
    const auto found = numbers_of<float>(blocks, metric["series"]);
    REQUIRE(found.size() == truth.values.size());
    for (std::size_t i = 0; i < found.size(); ++i)
      CHECK((found[i] == static_cast<float>(truth.values[i]) ||
             (std::isnan(found[i]) && std::isnan(truth.values[i]))));
  }
  CHECK(metric_named(data, "test/kl_per_dim_z")["shape"] == nlohmann::json{2});
  CHECK(metric_named(data, "test/kl_per_dim_z")["last_only"] == false);
  // A page has no place for a value for each image.
  for (const auto& metric : data["metrics"]) CHECK(metric["name"] != "test/elbo_per_image");
  CHECK(data["schedules"][0]["key"] == "loss.beta");
  const auto& steps = data["steps"][0];
  CHECK(steps["name"] == "train_loss");
  CHECK(steps["offsets"] == nlohmann::json{0, 6, 12, 18, 22});
  CHECK(numbers_of<double>(blocks, steps["step"])[1] == 15);
  CHECK(numbers_of<float>(blocks, steps["value"])[1] == 7);
}

TEST_CASE("several files are one report, and are not ranked together") {
  const Sweep one("one", "");
  const Sweep other("other", "text");
  std::vector<results::Results> files;
  files.push_back(results::open_results(one.path()));
  files.push_back(results::open_results(other.path()));
  Blocks blocks;
  const auto data = report_data(files, blocks);
  CHECK(data["trials"]["count"] == 8);
  CHECK(coded_value(data["trials"]["file"], 5) == 1);
  CHECK(data["settings"][2]["trials"] == nlohmann::json{4, 5});
  const auto metric = metric_named(data, "test/elbo");
  CHECK(metric["classes"]["of"] == nlohmann::json{0, 0, 1, 1});
  CHECK(metric["classes"]["files"] == nlohmann::json{0, 1});
  CHECK(metric["classes"]["names"] == nlohmann::json{"", ""});
  CHECK(numbers_of<double>(blocks, metric["final"]).size() == 8);
  for (const auto& column : data["parameters"])
    if (column["key"] == "model.text") {
      CHECK(coded_value(column, 0).is_null());
      CHECK(coded_value(column, 4) == "text");
    }
}
