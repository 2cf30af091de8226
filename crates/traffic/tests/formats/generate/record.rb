# Records the three exchanges with VCR for Ruby. `record.rb FORM OUT`; needs the server at $ORDERS_URL, by default http://orders.example.
#
# apt-get install ruby ruby-vcr ruby-webmock ruby-multi-json

require "json"
require "net/http"
require "vcr"

form, out = ARGV
host = ENV.fetch("ORDERS_URL", "http://orders.example")
[:yaml, :json].each do |serializer|
  VCR.configure do |config|
    config.cassette_library_dir = File.join(out, "vcr")
    config.hook_into :webmock
  end
  VCR.use_cassette(form, serialize_with: serializer, record: :all) do
    Net::HTTP.get(URI("#{host}/orders/order_1"))
    Net::HTTP.post(URI("#{host}/orders"), JSON.generate({ item: "book", quantity: 2 }), "Content-Type" => "application/json")
    Net::HTTP.get(URI("#{host}/orders/order_9"))
  end
end
