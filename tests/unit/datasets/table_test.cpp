#include <zlib.h>

#include <limits>

#include "fixtures.hpp"
#include "support/catch.hpp"
#include "tables/read_table.hpp"
#include "tables/table_dataset.hpp"
#include "varia/file_table.hpp"
#include "varia/host/splits.hpp"

using namespace varia;
using namespace varia::datasets;
using namespace varia::datasets::testing;

namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// A table in a file of the test.
struct TestParams final : TableParams {
  TestParams() : TableParams(0) {}
  TableSource source() const override { return where; }
  TableSource where;
};

/// Loads a table from text.
struct Loaded {
  TemporaryFolder folder;
  TestParams params;
  std::unique_ptr<TableDataset> data;

  explicit Loaded(const std::string& text, const std::string& options = "", TableSource source = {})
      : Loaded(text, "", options, std::move(source)) {}
  Loaded(const std::string& text, const std::string& test_text, const std::string& options,
         TableSource source) {
    params.where = std::move(source);
    params.where.file = folder.path() / "rows.csv";
    write_file(params.where.file, text);
    if (!test_text.empty()) {
      params.where.test_file = folder.path() / "test.csv";
      write_file(params.where.test_file, test_text);
    }
    auto map = Value::map();
    // "columns=a,b standardise=zscore": lists have commas.
    for (std::size_t begin = 0; begin < options.size();) {
      const auto end = std::min(options.find(' ', begin), options.size());
      const auto equals = options.find('=', begin);
      const auto key = options.substr(begin, equals - begin);
      map.set(key, value_of(key, options.substr(equals + 1, end - equals - 1)));
      begin = end + 1;
    }
    params.load(map, {nullptr, "dataset table", {"x.yaml", 1, 1}, 0});
    data = std::make_unique<TableDataset>(params);
  }

  static Value value_of(const std::string& key, const std::string& text) {
    if (key == "standardise" || key == "test" || key == "validation" || key == "folds" ||
        key == "fold" || key == "limit")
      return Value::scalar(text, false, {"x.yaml", 2, 3});
    auto list = Value::list({}, {"x.yaml", 2, 3});
    for (std::size_t begin = 0; begin <= text.size();) {
      const auto end = std::min(text.find(',', begin), text.size());
      list.push(Value::scalar(text.substr(begin, end - begin), false, {"x.yaml", 2, 3}));
      begin = end + 1;
    }
    return list;
  }

  Tensor values(std::string_view split = "train") const {
    const auto samples = data->load(split);
    return samples->gather(at::arange(samples->size(), at::kLong), at::kCPU);
  }
  Annotations annotations() const { return data->load("train")->annotations(); }
};

bool equal(const Tensor& found, const std::vector<std::vector<float>>& rows) {
  std::vector<float> flat;
  for (const auto& row : rows) flat.insert(flat.end(), row.begin(), row.end());
  const auto count = static_cast<std::int64_t>(rows.size());
  const auto expected = at::tensor(flat).view({count, -1});
  return found.sizes() == expected.sizes() &&
         at::allclose(found, expected, 0, 0, /*equal_nan=*/true);
}

/// The error of loading a table.
template <class E = DataError>
std::string error_of(const std::string& text, const std::string& options = "",
                     TableSource source = {}) {
  const Loaded loaded(text, options, std::move(source));
  return message_of<E>([&] { loaded.values(); });
}

Tensor all_of(const Split& split) {
  Draw draw(1);
  return split.slice(0, split.size(), draw).target;
}

}  // namespace

TEST_CASE("columns of numbers are one block, and each column of text is one, one-hot") {
  const Loaded loaded(
      "colour,age,mass\n"
      "red,1.5,-2e3\n"
      "blue,+2,.25\n"
      "red,3,4\n");
  CHECK(equal(loaded.values(), {{1.5, -2000, 0, 1}, {2, 0.25, 1, 0}, {3, 4, 0, 1}}));
  const auto known = loaded.annotations();
  CHECK((known.blocks == std::vector<DataBlock>{{Domain::real, 2}, {Domain::categorical, 2}}));
  CHECK(known.features == std::vector<std::string>{"age", "mass", "colour=blue", "colour=red"});
  CHECK_FALSE(known.has_missing);
  CHECK(loaded.data->load("test") == nullptr);
  CHECK(loaded.params.default_likelihood() == "mixed");
}

TEST_CASE("a missing number is NaN, and a missing category is NaN in all its numbers") {
  const Loaded loaded(
      "a,c\n"
      ",x\n"
      "2,NA\n"
      "NaN,y\n");
  CHECK(equal(loaded.values(), {{kNan, 1, 0}, {2, kNan, kNan}, {kNan, 0, 1}}));
  CHECK(loaded.annotations().has_missing);
  const Loaded other("a,b\n-9,1\n2,?\n", "missing=?,-9");
  CHECK(equal(other.values(), {{kNan, 1}, {2, kNan}}));
}

TEST_CASE("labels of text or whole numbers are numbered in order, and their names are kept") {
  const Loaded text("a,kind\n1,b\n2,a\n3,b\n", "", {.label = "kind"});
  CHECK(text.values().size(1) == 1);
  CHECK(at::equal(text.annotations().labels, at::tensor({1, 0, 1}, at::kLong)));
  CHECK(text.annotations().class_names == std::vector<std::string>{"a", "b"});
  const Loaded numbers("a,kind\n1,10\n2,9\n3,1\n", "", {.label = "kind"});
  CHECK(at::equal(numbers.annotations().labels, at::tensor({2, 1, 0}, at::kLong)));
  CHECK(numbers.annotations().class_names == std::vector<std::string>{"1", "9", "10"});
}

TEST_CASE("cells may be separated by runs of blanks") {
  const Loaded loaded("  1   2\t3 \r\n\n \t\n4 5 \t 6\n\t7 8 \"9\"", "",
                      {.separator = kBlanks, .header = false});
  CHECK(equal(loaded.values(), {{1, 2, 3}, {4, 5, 6}, {7, 8, 9}}));
  const Loaded quoted("a \"b  c\"\n1 \"x \t y\"\n2 z\n", "",
                      {.separator = kBlanks, .label = "b  c"});
  CHECK(quoted.annotations().class_names == std::vector<std::string>{"x \t y", "z"});
  CHECK(contains(error_of<DataError>("1 2\n3 4 5\n", "", {.separator = kBlanks, .header = false}),
                 "rows.csv:2: expected 2 cells as in the first row, found 3."));
  // More than a buffer of 64 KiB, so that a row is cut anywhere.
  std::string text;
  for (int row = 0; row < 7000; ++row) text += "  " + std::to_string(row) + "    1  2   3 \n";
  const Loaded large(text, "", {.separator = kBlanks, .header = false});
  CHECK(large.values().size(0) == 7000);
  CHECK(large.values().select(1, 0).equal(at::arange(7000, at::kFloat)));
}

TEST_CASE("columns of pixels are pictures") {
  const auto source = [](std::vector<std::int64_t> event) {
    return TableSource{.label = "y", .event = std::move(event), .event_given = {"x.yaml", 4, 5}};
  };
  const std::string text = "a,b,c,d,y\n0,1,0.5,0.25,x\n1,1,0,0,z\n";
  const Loaded loaded(text, "", source({1, 2, 2}));
  CHECK(loaded.values().equal(
      at::tensor({0.0F, 1.0F, 0.5F, 0.25F, 1.0F, 1.0F, 0.0F, 0.0F}).view({2, 1, 2, 2})));
  CHECK(loaded.annotations().blocks.empty());
  CHECK(loaded.annotations().class_names == std::vector<std::string>{"x", "z"});
  CHECK(loaded.params.default_likelihood() == "bernoulli");
  CHECK(contains(error_of<ConfigError>(text, "", source({1, 2, 3})),
                 "x.yaml:4:5: event: expected 6 columns of pixels, found 4 columns of data."));
  CHECK(contains(error_of<ConfigError>(text, "counts=a", source({1, 2, 2})),
                 "event: expected columns of numbers, the pixels of pictures; found column 'a' of "
                 "counts."));
  CHECK(contains(error_of<DataError>("a,b,y\n0,1,x\n1,255,x\n", "", source({1, 1, 2})),
                 "row 1 has the pixel 255 in column 'b'; expected numbers in [0, 1]."));
}

TEST_CASE("covariates are apart from the data: text one-hot, numbers standardised by make_splits") {
  const Loaded loaded("a,site,dose,n\n1,x,0.5,3\n2,y,4,5\n", "covariates=site,dose,n counts=n");
  CHECK(equal(loaded.values(), {{1}, {2}}));
  CHECK(equal(loaded.annotations().covariates, {{1, 0, 0.5, 3}, {0, 1, 4, 5}}));
  CHECK(loaded.annotations().covariate_names ==
        std::vector<std::string>{"site=x", "site=y", "dose", "n"});
  const auto splits = make_splits(*loaded.data, loaded.params);
  CHECK(equal(splits.train.annotations().covariates, {{1, 0, -1, -1}, {0, 1, 1, 1}}));
}

TEST_CASE("counts and categories are as declared, and the default likelihood fits the domains") {
  const Loaded loaded("a,n,grade\n0.5,7,2\n1.5,0,10\n", "counts=n categories=grade");
  CHECK(equal(loaded.values(), {{0.5, 7, 1, 0}, {1.5, 0, 0, 1}}));
  CHECK((loaded.annotations().blocks ==
         std::vector<DataBlock>{{Domain::real, 1}, {Domain::count, 1}, {Domain::categorical, 2}}));
  CHECK(loaded.annotations().features == std::vector<std::string>{"a", "n", "grade=2", "grade=10"});
  CHECK(Loaded("a,b\n1,2\n", "").params.default_likelihood() == "gaussian");
  CHECK(Loaded("a,b\n1,2\n", "standardise=minmax").params.default_likelihood() == "bernoulli");
  CHECK(Loaded("a,b\n1,2\n", "counts=a,b").params.default_likelihood() == "negative_binomial");
  CHECK(Loaded("a,b\nx,y\n", "").params.default_likelihood() == "categorical");
}

TEST_CASE("columns are chosen by name, or by number without a header") {
  CHECK(equal(Loaded("a,b,c\n1,2,3\n", "columns=c,a").values(), {{3, 1}}));
  CHECK(equal(Loaded("a,b,c\n1,2,3\n", "ignore=b").values(), {{1, 3}}));
  const Loaded loaded("1,2,3\n4,5,6\n", "columns=1,3", {.header = false});
  CHECK(equal(loaded.values(), {{1, 3}, {4, 6}}));
  CHECK(loaded.annotations().features == std::vector<std::string>{"1", "3"});
  // pandas and R name rows in a column without a name.
  CHECK(equal(Loaded(",a\n0,5\n1,6\n").values(), {{5}, {6}}));
}

TEST_CASE("quotes, spaces, blank lines and all ends of lines are read as RFC 4180 has them") {
  CHECK(equal(Loaded("a,b\r\n1,2\r\n\r\n3,4").values(), {{1, 2}, {3, 4}}));
  CHECK(equal(Loaded("a,b\r1,2\r3,4\r").values(), {{1, 2}, {3, 4}}));
  CHECK(equal(Loaded("\xEF\xBB\xBF"
                     "a, b\n 1 , \"2\"\n")
                  .values(),
              {{1, 2}}));
  const Loaded quoted("\"a,\"\"\n\"\n\"x, y\"\n z\n");
  CHECK(quoted.annotations().features == std::vector<std::string>{"a,\"\n=x, y", "a,\"\n=z"});
  CHECK(equal(Loaded("a\tb\n1\t\n 2\t3\n", "", {.separator = '\t'}).values(), {{1, kNan}, {2, 3}}));
}

TEST_CASE("a file that is packed by gzip is read, and one that is cut short is an error") {
  std::string text = "a,b\n";
  for (int i = 0; i < 30'000; ++i) text += std::to_string(i) + "," + std::to_string(i * 7) + "\n";
  const Loaded plain(text);
  const TemporaryFolder folder;
  const auto path = folder.path() / "rows.csv.gz";
  const auto file = gzopen(path.c_str(), "wb");
  gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
  gzclose(file);
  TestParams params;
  params.where.file = path;
  const auto values = [&] {
    const auto samples = TableDataset(params).load("train");
    return samples->gather(at::arange(samples->size(), at::kLong), at::kCPU);
  };
  CHECK(at::equal(values(), plain.values()));
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  CHECK(contains(message_of(values), "rows.csv.gz: is not an intact gzip file: it is cut short."));
}

TEST_CASE("the test split is a part of the rows, or a file with the same columns") {
  std::string text = "a,c\n";
  for (int i = 0; i < 10; ++i) text += std::to_string(i) + (i % 2 == 0 ? ",x\n" : ",y\n");
  const Loaded shared(text, "test=0.3");
  CHECK(shared.values().size(0) == 7);
  CHECK(shared.values("test").size(0) == 3);
  const auto all =
      std::get<0>(at::cat({shared.values(), shared.values("test")}).select(1, 0).sort());
  CHECK(at::equal(all, at::arange(10, at::kFloat)));

  // A category of the test file alone is one of the training samples', too.
  const Loaded filed("a,c\n1,x\n", "a,c\n2,y\n3,x\n", "", {});
  CHECK(equal(filed.values(), {{1, 1, 0}}));
  CHECK(equal(filed.values("test"), {{2, 0, 1}, {3, 1, 0}}));
  const Loaded other("a,c\n1,x\n", "a,d\n2,y\n", "", {});
  CHECK(contains(message_of([&] { other.values(); }), "has other columns than"));
}

TEST_CASE("zscore and minmax take the training split's statistics") {
  std::string text = "a,c,n\n";
  for (int i = 0; i < 20; ++i)
    text += std::to_string(i * i) + (i % 3 == 0 ? ",x," : ",y,") + std::to_string(i) + "\n";
  for (const std::string fold : {"0", "3"}) {
    const auto options = "counts=n folds=4 fold=" + fold;
    const Loaded raw(text, options);
    const auto unscaled = make_splits(*raw.data, raw.params);
    const auto numbers = all_of(unscaled.train).select(1, 0).to(at::kDouble);
    const auto mean = numbers.mean();
    const auto deviation = numbers.std(/*unbiased=*/false);

    const Loaded scaled(text, options + " standardise=zscore");
    const auto zscore = make_splits(*scaled.data, scaled.params);
    const auto before = all_of(unscaled.train);
    const auto after = all_of(zscore.train);
    CHECK(at::allclose(after.select(1, 0).to(at::kDouble),
                       (before.select(1, 0).to(at::kDouble) - mean) / deviation, 1e-6, 1e-6));
    CHECK(at::equal(after.slice(1, 1), before.slice(1, 1)));  // counts and categories
    const auto held_out = all_of(*zscore.validation).select(1, 0).to(at::kDouble);
    CHECK(at::allclose(
        held_out, (all_of(*unscaled.validation).select(1, 0).to(at::kDouble) - mean) / deviation,
        1e-6, 1e-6));
    CHECK((zscore.spec.blocks == unscaled.spec.blocks));

    const Loaded unit(text, options + " standardise=minmax");
    const auto minmax = make_splits(*unit.data, unit.params);
    const auto least = numbers.min();
    const auto range = numbers.max() - least;
    CHECK(minmax.spec.blocks.front() == DataBlock{Domain::unit, 1});
    CHECK(minmax.train.bounds().min == 0);
    const auto expected =
        ((all_of(*unscaled.validation).select(1, 0).to(at::kDouble) - least) / range).clamp(0, 1);
    CHECK(at::allclose(all_of(*minmax.validation).select(1, 0).to(at::kDouble), expected, 1e-6,
                       1e-6));
  }
}

TEST_CASE("standardised numbers are given back as the file has them") {
  for (const std::string how : {"zscore", "minmax"}) {
    const Loaded loaded("a,c,n\n17.99,x,3\nNA,y,0\n-0.125,x,7\n20.5,y,2\n",
                        "counts=n standardise=" + how);
    const auto splits = make_splits(*loaded.data, loaded.params);
    const auto raw = loaded.values();
    const auto back = splits.train.annotations().units.of(all_of(splits.train)).to(at::kFloat);
    for (const std::int64_t row : {0, 2, 3}) CHECK(at::allclose(back[row], raw[row], 1e-6, 1e-6));
    CHECK(at::equal(back.slice(1, 1), raw.slice(1, 1)));  // counts and categories
  }
}

TEST_CASE("the rows of a table are read again as they are written, those of the test file last") {
  const Loaded loaded("id,a,c\n7,1.50,\"x, y\"\n8,NA,z\n", "id,a,c\n9,2,z\n", "ignore=id", {});
  const auto annotations = loaded.annotations();
  REQUIRE(annotations.table != nullptr);
  const auto& table = *annotations.table;
  CHECK(table.names() == std::vector<std::string>{"id", "a", "c"});
  REQUIRE(table.columns().size() == 2);
  CHECK(table.columns()[0].place == 1);
  CHECK(table.columns()[0].width() == 1);
  CHECK(table.columns()[1].place == 2);
  CHECK(table.columns()[1].categories == std::vector<std::string>{"x, y", "z"});
  std::vector<std::vector<std::string>> rows;
  table.for_each_row([&](std::int64_t number, const std::vector<std::string>& cells) {
    CHECK(number == static_cast<std::int64_t>(rows.size()));
    rows.push_back(cells);
  });
  CHECK(rows == std::vector<std::vector<std::string>>{
                    {"7", "1.50", "x, y"}, {"8", "NA", "z"}, {"9", "2", "z"}});
  const auto places = loaded.data->load("test")->annotations().file_rows;
  CHECK(places.equal(at::tensor(std::vector<std::int64_t>{2}, at::kLong)));
}

TEST_CASE("statistics are those of observed values, and the test file has the training ones") {
  const Loaded loaded("a,b\n1,5\nNA,6\n3,7\n", "a,b\n11,6\n", "standardise=zscore", {});
  const auto splits = make_splits(*loaded.data, loaded.params);
  const auto train = all_of(splits.train);
  CHECK(train[0][0].item<float>() == -1);
  CHECK(train[1][0].item<float>() == 0);  // missing
  CHECK(train[2][0].item<float>() == 1);
  CHECK(all_of(*splits.test)[0][0].item<float>() == 9);
}

TEST_CASE("a number of one value in the training split cannot be standardised") {
  const std::string text = "age,mass\n1,4\n2,4\n3,4\n";
  const Loaded loaded(text, "standardise=zscore");
  CHECK(contains(message_of([&] { make_splits(*loaded.data, loaded.params); }),
                 "'mass' has the one value 4 in the training split, so that it cannot be "
                 "standardised. Leave it out, or use standardise: none."));
}

TEST_CASE("an error of a cell names its line and column, what was found, and what to do") {
  CHECK(contains(error_of("a,b\n1,2\n\n3\n"),
                 "rows.csv:4: expected 2 cells as in the first row, found 1."));
  CHECK(contains(error_of("a,b\n\"1\n\",2\n3,4,5\n", "categories=a"),
                 "rows.csv:4: expected 2 cells as in the first row, found 3."));
  CHECK(contains(error_of("a,b\n1,2\n3,x\n"),
                 "rows.csv:3: column 'b': expected a number as on line 2, found 'x'."));
  CHECK(contains(error_of("a,b\n1,x\n3,4\n"),
                 "rows.csv:3: column 'b': expected text as on line 2, found the number 4."));
  CHECK(contains(error_of("a\n1\n-2\n", "counts=a"),
                 "rows.csv:3: column 'a': expected a whole number from 0 to 16777215, found -2"));
  CHECK(contains(error_of("a\n1\ninf\n"), "expected a number as on line 2, found inf"));
  for (const auto* large : {"a\n1\n1e39\n", "a\n1e400\n", "a\n-0.1E400\n"})
    CHECK(contains(error_of(large), "expected a number that a float32 can hold"));
  CHECK(equal(Loaded("a\n1e-400\n2\n").values(), {{0}, {2}}));
  CHECK(contains(error_of("a,k\n1,2.5\n", "", {.label = "k"}),
                 "expected labels that are text or whole numbers, found 2.5"));
  CHECK(contains(error_of("a,k\n1,NA\n", "", {.label = "k"}),
                 "rows.csv:2: column 'k': a label is missing, and none may be."));
}

TEST_CASE("an error of a whole file says what is wrong with it") {
  CHECK(contains(error_of(""), "rows.csv: has no rows."));
  CHECK(contains(error_of("a,b\n"), "rows.csv: has no rows."));
  CHECK(contains(error_of("\xEF\xBB\xBF"), "rows.csv: has no rows."));
  CHECK(contains(error_of("a,a\n1,2\n"), "rows.csv:1: has two columns 'a'."));
  CHECK(contains(error_of("a,b\nNA,1\n,2\n"), "column 'a' has no value: all are missing."));
  CHECK(contains(error_of("a\n1\"2\n"), "rows.csv:2: a quote is out of place or not closed."));
  CHECK(contains(error_of("a\n\"1\n2\n"), "rows.csv:2: a quote is out of place or not closed."));
  CHECK(contains(error_of(std::string("a\n1\0\n", 5)), "rows.csv:2: has a zero byte"));
  CHECK(contains(error_of("a,b\n1,ros\xe9\n"), "rows.csv:2: has a cell that is not UTF-8 text"));
  CHECK(contains(error_of("a,\xff\n1,2\n"), "rows.csv:1: has a cell that is not UTF-8 text"));
  std::string many = "a\n";
  for (int i = 0; i < 1001; ++i) many += "x" + std::to_string(i) + "\n";
  CHECK(contains(error_of(many), "rows.csv:1002: column 'a' has more than 1000 different texts"));
  CHECK(contains(error_of("a\n\"" + std::string(2'000'000, 'x') + "\"\n"),
                 "rows.csv:2: has a cell of more than 1048576 bytes."));
  CHECK(contains(error_of(std::string(200'000, ',') + "\n"),
                 "rows.csv:1: has more than 100000 cells"));
  CHECK(contains(error_of("a\n" + std::string(1001, 'x') + "\n"),
                 "rows.csv:2: column 'a': a text has 1001 bytes; a category has 1000 at most."));
}

TEST_CASE("a row is bounded, however many cells it has", "[slow]") {
  std::string row;
  for (int cell = 0; cell < 66; ++cell) row += std::string(1 << 20, 'x') + ",";
  CHECK(contains(error_of("a\n" + row + "\n"),
                 "rows.csv:2: has a row of more than 67108864 bytes, the most that are read."));
}

TEST_CASE("a column that is not there is named with the nearest that is, at the parameter") {
  const std::string text = "age,mass\n1,2\n";
  CHECK(contains(error_of<ConfigError>(text, "columns=aeg"), "x.yaml:2:3: columns: "));
  CHECK(contains(error_of<ConfigError>(text, "columns=aeg"),
                 "has no column 'aeg'. Did you mean 'age'? Known: age, mass."));
  CHECK(contains(error_of<ConfigError>(text, "columns=age,age"), "column 'age' is named twice"));
  CHECK(contains(error_of<ConfigError>(text, "columns=age covariates=age"),
                 "columns: column 'age' is named twice, and first in 'covariates'."));
  CHECK(contains(error_of<ConfigError>(text, "ignore=mass counts=mass"),
                 "counts: column 'mass' is neither data nor a covariate."));
  CHECK(contains(error_of<ConfigError>(text, "", {.label = "masss"}),
                 "has no column 'masss'. Did you mean 'mass'?"));
}
