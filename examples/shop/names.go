package shop

// organization is a tenant and what its rows are drawn from.
type organization struct {
	id, name, country, plan string
	foundedOn               any
	regions                 []string
	share                   int // percent of Size
}

// organizations lists the tenants. Their regions overlap, so that a region
// alone never tells them apart.
func organizations() []organization {
	return []organization{
		{"acme", "Acme Trading", "GB", "business", "1987-04-12", []string{"nordics", "dach", "uk-ie", "us-east"}, 100},
		{"globex", "Globex GmbH & Co. KG", "DE", "enterprise", "2003-10-01", []string{"dach", "iberia", "benelux", "japan"}, 80},
		{"initech", "Initech, Inc.", "US", "starter", nil, []string{"us-east", "us-west", "japan"}, 60},
	}
}

// regionRows are the rows of the shared table regions. Nobody sells in oceania.
func regionRows() [][]any {
	return [][]any{
		{"benelux", "Benelux", "EUR", 21},
		{"dach", "Deutschland, Österreich, Schweiz", "EUR", 19},
		{"iberia", "Península Ibérica", "EUR", 21},
		{"japan", "日本", "JPY", 10},
		{"nordics", "Norden", "SEK", 25},
		{"oceania", "Oceania", "AUD", 10},
		{"uk-ie", "UK & Ireland", "GBP", 20},
		{"us-east", "US East", "USD", nil},
		{"us-west", "US West", "USD", nil},
	}
}

func cities(region string) []string {
	switch region {
	case "nordics":
		return []string{"Malmö", "Århus", "Oslo", "Tampere"}
	case "dach":
		return []string{"München", "Zürich", "Graz", "Köln"}
	case "iberia":
		return []string{"Málaga", "Porto", "A Coruña"}
	case "benelux":
		return []string{"Liège", "Utrecht", "Luxembourg"}
	case "uk-ie":
		return []string{"Leeds", "Cork", "St. Andrews", "King's Lynn"}
	case "japan":
		return []string{"札幌", "Osaka", "福岡"}
	case "us-west":
		return []string{"Portland", "San José", "Boise"}
	default:
		return []string{"Boston", "Raleigh", "Burlington"}
	}
}

func firstNames() []string {
	return []string{
		"Ada", "Bjørn", "Chloé", "Dmitri", "Eilidh", "François", "Grace", "Hiroshi", "Inés", "Jonas", "Kaori", "Łukasz",
		"Maeve", "Noor", "Olu", "Priya", "Quentin", "Rosa", "Søren", "Thandi", "Uma", "Víctor", "Wren", "Yusuf", "Zoë",
	}
}

func lastNames() []string {
	return []string{
		"Ahlström", "Becker", "Castro", "D'Souza", "Eriksen", "Fitzgerald", "García", "Hughes", "Ishikawa", "Jensen", "Kowalski",
		"Lindqvist", "Müller", "Nakamura", "O'Brien", "Pérez", "Quinn", "Rossi", "Schäfer", "Tanaka", "Underwood", "Vogel", "Weiß", "Young",
	}
}

// titles are by rank: the first employee leads the organization.
func titles() []string {
	return []string{
		"Managing Director", "Head of Sales", "Head of Operations", "Account Manager", "Account Manager", "Account Manager",
		"Buyer", "Sales Clerk", "Sales Clerk", "Warehouse Lead", "Bookkeeper", "Intern",
	}
}

func categories() []string {
	return []string{"Kitchen", "Garden", "Office", "Outdoor", "Lighting"}
}

func articles(category string) []string {
	switch category {
	case "Kitchen":
		return []string{"Kettle", "Cutting Board", "Crêpe Pan", "Pepper Mill"}
	case "Garden":
		return []string{"Trowel", "Watering Can", "Bird Feeder", "Hedge Shears"}
	case "Office":
		return []string{"Desk Lamp", "Stapler", "Notebook A5", "Chair"}
	case "Outdoor":
		return []string{"Tent 2P", "Camp Stove", "Thermos 1 l", "Headlamp"}
	default:
		return []string{"Lantern", "Bulb E27", "Light Strip 100%", "Night_Light"}
	}
}

func qualities() []string {
	return []string{"Classic", "Compact", "Deluxe", "Pro", "Eco", "Mini"}
}

func orderNotes() []string {
	return []string{
		"leave at the door", "gift wrap, please", "call before delivery", "fragile!", "100% prepaid",
		"deliver to neighbour's", "Lieferung bitte nachmittags", "path\\dock_3", "午前中に配達",
	}
}

func customerNotes() []string {
	return []string{"prefers e-mail", "VIP", "pays late", "née Åkesson", "newsletter: no", "asks for discounts of 10%"}
}
