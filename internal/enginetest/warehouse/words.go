package warehouse

func regionNames() []string { return []string{"AFRICA", "AMERICA", "ASIA", "EUROPE", "MIDDLE EAST"} }

func nationNames() []string {
	return []string{
		"ALGERIA", "BRAZIL", "CHINA", "FRANCE", "EGYPT", "KENYA", "CANADA", "INDIA", "GERMANY", "IRAN",
		"MOROCCO", "PERU", "JAPAN", "ROMANIA", "JORDAN",
	}
}

func peopleNames() []string {
	return []string{"Ann", "Ánn", "Zoë", "Straße & Söhne", "Łukasz", "Νίκος", "Юлия", "王芳", "😀 Smile", "O'Hara", "100%_off", `back\slash`, "Ｗide"}
}

func cityNames() []string {
	return []string{"Köln", "Oslo", "São Paulo", "Łódź", "東京", "Nice"}
}

func segments() []string {
	return []string{"AUTOMOBILE", "BUILDING", "FURNITURE", "HOUSEHOLD", "MACHINERY"}
}

func priorities() []string {
	return []string{"1-URGENT", "2-HIGH", "3-MEDIUM", "4-NOT SPECIFIED", "5-LOW"}
}

func modes() []string { return []string{"AIR", "FOB", "MAIL", "RAIL", "REG AIR", "SHIP", "TRUCK"} }

func kinds() []string { return []string{"ECONOMY", "LARGE", "MEDIUM", "PROMO", "SMALL", "STANDARD"} }

func materials() []string { return []string{"BRASS", "COPPER", "NICKEL", "STEEL", "TIN"} }

func colours() []string {
	return []string{"almond", "azure", "forest", "green", "khaki", "rosé", "grün"}
}

func containers() []string {
	return []string{"JUMBO BAG", "LG BOX", "MED BAG", "MED BOX", "SM CASE", "WRAP JAR"}
}

func remarks() []string {
	return []string{
		"special requests, please", "Customer COMPLAINTS again", "carefully pending", "", " leading blank", "ends with blank ",
		"naïve café", "🚚 by lorry", "50% off_", "it's \"quoted\"",
	}
}
