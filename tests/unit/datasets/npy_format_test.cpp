#include "arrays/npy_format.hpp"

#include "fixtures.hpp"
#include "numpy_files.hpp"
#include "support/catch.hpp"

using namespace varia;
using namespace varia::datasets;
using namespace varia::datasets::testing;

namespace {

NpyHeader header_of(const std::string& bytes) {
  return read_npy_header(std::string_view(bytes).substr(0, kMostNpyHeaderBytes), bytes.size(), "a");
}

std::string error_of_bytes(const std::string& bytes) {
  return message_of([&] { header_of(bytes); });
}

std::string error_of_header(const std::string& header) {
  return error_of_bytes(npy_with(header, std::string(8, 'x')));
}

}  // namespace

TEST_CASE("a header is read as Python writes it, in any order and with any space") {
  using Kind = NpyHeader::Kind;
  const std::string values(24, 'x');
  for (const std::string header :
       {"{'descr': '<i4', 'fortran_order': True, 'shape': (2, 3), }",
        "{\"shape\":(2,3),\"fortran_order\":True,\"descr\":\"<i4\"}",
        "{ 'shape' : ( 2L , 3L , ) , 'descr' : '<i4' , 'fortran_order' : True }"}) {
    const auto read = header_of(npy_with(header, values));
    CHECK(read.kind == Kind::signed_integer);
    CHECK(read.item_bytes == 4);
    CHECK_FALSE(read.is_swapped);
    CHECK(read.is_fortran);
    CHECK(read.shape == std::vector<std::int64_t>{2, 3});
    CHECK(read.values_begin % 64 == 0);
  }
  CHECK(header_of(npy_bytes(">u2", "(12,)", values)).is_swapped);
  CHECK_FALSE(header_of(npy_bytes("|u1", "(24,)", values)).is_swapped);
  CHECK(header_of(npy_bytes("<f8", "(3,)", values)).kind == Kind::real);
  CHECK(header_of(npy_bytes("|b1", "(24,)", values)).kind == Kind::boolean);
  CHECK(header_of(npy_bytes("<f8", "()", std::string(8, 'x'))).shape.empty());
}

TEST_CASE("versions 2 and 3 have a longer length, others are not known") {
  const std::string text = "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }\n";
  const auto file = [&](char version) {
    std::string bytes = "\x93NUMPY";
    bytes += version;
    bytes += '\0';
    bytes += static_cast<char>(text.size());
    return bytes + std::string(3, '\0') + text + std::string(4, 'x');
  };
  CHECK(header_of(file(2)).values_begin == 12 + text.size());
  CHECK(header_of(file(3)).shape == std::vector<std::int64_t>{1});
  CHECK(contains(error_of_bytes(file(4)), "version 4.0; expected version 1.0, 2.0 or 3.0"));
  CHECK(contains(error_of_bytes(file(0)), "version 0.0; expected"));
  auto minor = file(1);
  minor[7] = 5;
  CHECK(contains(error_of_bytes(minor), "version 1.5; expected"));
  auto huge = file(2);
  huge[11] = '\x7f';
  CHECK(contains(error_of_bytes(huge), "bytes; expected at most 65524"));
}

TEST_CASE("values that are not numbers are refused with what to do") {
  const auto error = [](const std::string& type) {
    return error_of_bytes(npy_bytes(type, "(1,)", std::string(8, 'x')));
  };
  CHECK(error("|O") ==
        "a: holds Python's objects, which Python alone can read; expected numbers: save numbers, "
        "for instance by x.astype('float32').");
  CHECK(contains(error("<U2"), "holds texts ('<U2'); expected numbers"));
  CHECK(contains(error("|S8"), "holds texts ('|S8')"));
  CHECK(contains(error("<c8"), "holds complex numbers ('<c8')"));
  CHECK(contains(error("<M8[ns]"), "holds values of another type ('<M8[ns]')"));
  CHECK(contains(error("|V8"), "holds values of another type ('|V8')"));
  CHECK(
      contains(error("<f16"), "type ('<f16'); expected numbers: save them as float32 or float64"));
  CHECK(contains(error("<f1"), "type ('<f1')"));
  CHECK(contains(error(""), "type ('')"));
  CHECK(
      contains(error_of_header("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}"),
               "holds records of several fields; expected numbers: save each field"));
}

TEST_CASE("a header that is anything but the dictionary is refused") {
  CHECK(contains(error_of_bytes("hello"), "it does not begin with \\x93NUMPY"));
  CHECK(contains(error_of_bytes("\x93NUMPY"), "is cut short in its header"));
  const auto whole = npy_bytes("<f4", "(2,)", std::string(8, 'x'));
  for (const std::size_t length : {7, 9, 11, 60, 127})
    CHECK(contains(error_of_bytes(whole.substr(0, length)), "is cut short in its header"));
  const std::string begin = "a: its header is not that of a .npy file: a dictionary ";
  const auto error = [&](const std::string& header) {
    const auto found = error_of_header(header);
    return found.starts_with(begin) ? found.substr(begin.size()) : found;
  };
  const std::string type = "'descr': '<f4', ";
  const std::string order = "'fortran_order': False, ";
  const std::string shape = "'shape': (2,), ";
  CHECK(error("[]") == "without { where it is expected.");
  CHECK(contains(error("{" + type + order + "}"), "without one of 'descr'"));
  CHECK(error("{" + type + order + shape + "'more': 1}") == "an unexpected key, or one twice.");
  CHECK(error("{" + type + type + order + shape + "}") == "an unexpected key, or one twice.");
  CHECK(error("{" + type + order + shape + "} 1") == "with more behind it.");
  CHECK(error("{" + type + order + "'shape': (2 3)}") == "without ) where it is expected.");
  for (const std::string wrong :
       {"(-2,)", "(02,)", "(2.5,)", "(None,)", "(99999999999999999999,)", "(,)"})
    CHECK(error("{" + type + order + "'shape': " + wrong + "}").starts_with("with"));
  CHECK(error("{" + type + "'fortran_order': 0, " + shape + "}") ==
        "without False where it is expected.");
  CHECK(error("{'descr: 1}") == "with a text that does not end.");
  std::string axes;
  for (int i = 0; i < 33; ++i) axes += "1, ";
  CHECK(error("{" + type + order + "'shape': (" + axes + ")}") == "with a shape that is not one.");
}

TEST_CASE("a file that is not exactly as long as its values is refused, whatever its header says") {
  const std::string values(8, 'x');
  const auto error = [&](const std::string& shape) {
    return error_of_bytes(npy_bytes("<f4", shape, values));
  };
  CHECK(error("(2,)") == "nothing");
  CHECK(error("(1, 2)") == "nothing");
  CHECK(error("(3,)") ==
        "a: its header says [3] values of 4 bytes, but 8 bytes follow it. Is the file cut short?");
  CHECK(contains(error("(1,)"), "but 8 bytes follow it. Is it another file?"));
  CHECK(contains(error("(4611686018427387905, 4)"), "Is the file cut short?"));
  CHECK(contains(error("(0, 9223372036854775807)"), "Is it another file?"));
  CHECK(contains(error("(9223372036854775807, 0)"), "Is it another file?"));
}
