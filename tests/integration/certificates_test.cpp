// Each certificate is good, or bad in the one way that it is made for.
#include "support/certificates.hpp"

#include "support/freed_by.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <string>

namespace turnomatic::support {
namespace {

using certificate_pointer = std::unique_ptr<X509, freed_by<::X509_free>>;
using key_pointer = std::unique_ptr<EVP_PKEY, freed_by<::EVP_PKEY_free>>;
using memory_pointer = std::unique_ptr<BIO, freed_by<::BIO_free_all>>;
using store_pointer = std::unique_ptr<X509_STORE, freed_by<::X509_STORE_free>>;
using check_pointer = std::unique_ptr<X509_STORE_CTX, freed_by<::X509_STORE_CTX_free>>;

memory_pointer memory_of(const std::string& text) {
  return memory_pointer{::BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
}

certificate_pointer certificate_of(const std::string& pem) {
  return certificate_pointer{::PEM_read_bio_X509(memory_of(pem).get(), nullptr, nullptr, nullptr)};
}

// What OpenSSL, at its strictest, has against it.
std::string complaint(const identity& about, const certificate_authority& trusted, int purpose) {
  const certificate_pointer checked = certificate_of(about.certificate);
  const certificate_pointer authority = certificate_of(trusted.certificate());
  const store_pointer store{::X509_STORE_new()};
  ::X509_STORE_add_cert(store.get(), authority.get());
  ::X509_STORE_set_flags(store.get(), X509_V_FLAG_X509_STRICT);
  const check_pointer check{::X509_STORE_CTX_new()};
  ::X509_STORE_CTX_init(check.get(), store.get(), checked.get(), nullptr);
  ::X509_STORE_CTX_set_purpose(check.get(), purpose);
  if (::X509_verify_cert(check.get()) == 1)
    return "none";
  return ::X509_verify_cert_error_string(::X509_STORE_CTX_get_error(check.get()));
}

const server_names local{.dns = {"localhost", "redis.test"}, .addresses = {"127.0.0.1", "::1"}};

TEST(certificate, of_a_server_is_good_for_a_server_and_nothing_else) {
  certificate_authority authority;
  const identity server = authority.issue_server(local);
  EXPECT_EQ(complaint(server, authority, X509_PURPOSE_SSL_SERVER), "none");
  EXPECT_EQ(complaint(server, authority, X509_PURPOSE_SSL_CLIENT),
            "unsuitable certificate purpose");
}

TEST(certificate, of_a_client_is_good_for_a_client_and_nothing_else) {
  certificate_authority authority;
  const identity client = authority.issue_client("turnomatic");
  EXPECT_EQ(complaint(client, authority, X509_PURPOSE_SSL_CLIENT), "none");
  EXPECT_EQ(complaint(client, authority, X509_PURPOSE_SSL_SERVER),
            "unsuitable certificate purpose");
}

TEST(certificate, holds_for_its_names_and_addresses_only) {
  certificate_authority authority;
  const certificate_pointer server = certificate_of(authority.issue_server(local).certificate);
  for (const char* const name : {"localhost", "redis.test"})
    EXPECT_EQ(::X509_check_host(server.get(), name, 0, 0, nullptr), 1) << name;
  for (const char* const address : {"127.0.0.1", "::1"})
    EXPECT_EQ(::X509_check_ip_asc(server.get(), address, 0), 1) << address;
  EXPECT_EQ(::X509_check_host(server.get(), "other.test", 0, 0, nullptr), 0);
  EXPECT_EQ(::X509_check_ip_asc(server.get(), "127.0.0.2", 0), 0);
}

TEST(certificate, that_has_expired_is_wrong_in_nothing_else) {
  certificate_authority authority;
  const identity server = authority.issue_server(local, validity::expired);
  EXPECT_EQ(complaint(server, authority, X509_PURPOSE_SSL_SERVER), "certificate has expired");
  const identity client = authority.issue_client("turnomatic", validity::expired);
  EXPECT_EQ(complaint(client, authority, X509_PURPOSE_SSL_CLIENT), "certificate has expired");
}

TEST(certificate, of_another_authority_of_the_same_name_is_not_trusted) {
  certificate_authority authority;
  const certificate_authority other;
  EXPECT_EQ(complaint(authority.issue_server(local), other, X509_PURPOSE_SSL_SERVER),
            "unable to get local issuer certificate");
}

TEST(certificate, comes_with_its_key_also_in_files) {
  certificate_authority authority;
  const identity server = authority.issue_server(local);
  const key_pointer key{
      ::PEM_read_bio_PrivateKey(memory_of(server.key).get(), nullptr, nullptr, nullptr)};
  EXPECT_EQ(::X509_check_private_key(certificate_of(server.certificate).get(), key.get()), 1);

  const temporary_directory directory;
  const identity_files files = write_identity(server, directory, "server");
  const auto text_of = [](const std::string& path) {
    std::ifstream file{path};
    return std::string{std::istreambuf_iterator<char>{file}, {}};
  };
  EXPECT_EQ(text_of(files.certificate), server.certificate);
  EXPECT_EQ(text_of(files.key), server.key);
}

}  // namespace
}  // namespace turnomatic::support
