"""Countries, and what their people and goods are called."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

# A country, its other names and initials, ":", its adjective and its people; a plural in -s is not listed.
_TABLE: Final = """
Afghanistan: Afghan | Albania: Albanian | Algeria: Algerian | Andorra: Andorran | Angola: Angolan
Argentina: Argentine, Argentinian | Armenia: Armenian | Australia: Australian, Aussie
Austria: Austrian | Azerbaijan: Azerbaijani, Azeri | Bahamas: Bahamian | Bahrain: Bahraini
Bangladesh: Bangladeshi | Barbados: Barbadian | Belarus: Belarusian | Belgium: Belgian
Belize: Belizean | Benin: Beninese | Bhutan: Bhutanese | Bolivia: Bolivian
Bosnia and Herzegovina, Bosnia: Bosnian | Botswana: Botswanan | Brazil: Brazilian | Brunei: Bruneian
Bulgaria: Bulgarian | Burkina Faso: Burkinabe | Burundi: Burundian | Cambodia: Cambodian
Cameroon: Cameroonian | Canada: Canadian | Cape Verde: Cape Verdean
Central African Republic: Central African | Chad: Chadian | Chile: Chilean
China, People's Republic of China, PRC: Chinese | Colombia: Colombian | Comoros: Comorian
Congo, Republic of the Congo: Congolese | Costa Rica: Costa Rican | Croatia: Croatian, Croat
Cuba: Cuban | Cyprus: Cypriot | Czech Republic, Czechia: Czech
Democratic Republic of the Congo, Democratic Republic of Congo, DR Congo, DRC | Denmark: Danish, Dane
Djibouti: Djiboutian | Dominican Republic: Dominican | East Timor, Timor-Leste: Timorese
Ecuador: Ecuadorian, Ecuadorean | Egypt: Egyptian | El Salvador: Salvadoran | England: English
Equatorial Guinea: Equatoguinean | Eritrea: Eritrean | Estonia: Estonian
Eswatini, Swaziland: Swazi | Ethiopia: Ethiopian | European Union, Europe, EU: European | Fiji: Fijian
Finland: Finnish, Finn | France: French | Gabon: Gabonese | Gambia: Gambian | Georgia: Georgian
Germany: German | Ghana: Ghanaian | Greece: Greek | Greenland: Greenlandic, Greenlander
Grenada: Grenadian | Guatemala: Guatemalan | Guinea: Guinean | Guinea-Bissau | Guyana: Guyanese
Haiti: Haitian | Honduras: Honduran | Hong Kong: Hongkonger | Hungary: Hungarian
Iceland: Icelandic, Icelander | India: Indian | Indonesia: Indonesian | Iran: Iranian | Iraq: Iraqi
Ireland: Irish | Israel: Israeli | Italy: Italian | Ivory Coast, Côte d'Ivoire: Ivorian
Jamaica: Jamaican | Japan: Japanese | Jordan: Jordanian | Kazakhstan: Kazakh, Kazakhstani
Kenya: Kenyan | Kosovo: Kosovar | Kuwait: Kuwaiti | Kyrgyzstan: Kyrgyz | Laos: Laotian
Latvia: Latvian | Lebanon: Lebanese | Lesotho: Basotho | Liberia: Liberian | Libya: Libyan
Liechtenstein | Lithuania: Lithuanian | Luxembourg | Madagascar: Malagasy | Malawi: Malawian
Malaysia: Malaysian | Maldives: Maldivian | Mali: Malian | Malta: Maltese | Mauritania: Mauritanian
Mauritius: Mauritian | Mexico: Mexican | Micronesia: Micronesian | Moldova: Moldovan
Monaco: Monegasque | Mongolia: Mongolian | Montenegro: Montenegrin | Morocco: Moroccan
Mozambique: Mozambican | Myanmar, Burma: Burmese | Namibia: Namibian | Nauru: Nauruan
Nepal: Nepali, Nepalese | Netherlands, Holland: Dutch | New Zealand: New Zealander, Kiwi
Nicaragua: Nicaraguan | Niger: Nigerien | Nigeria: Nigerian | North Korea, DPRK: North Korean
North Macedonia, Macedonia: Macedonian | Northern Ireland: Northern Irish | Norway: Norwegian
Oman: Omani | Pakistan: Pakistani | Palau: Palauan | Palestine: Palestinian | Panama: Panamanian
Papua New Guinea: Papua New Guinean | Paraguay: Paraguayan | Peru: Peruvian
Philippines: Philippine, Filipino | Poland: Polish, Pole | Portugal: Portuguese | Qatar: Qatari
Romania: Romanian | Russia, Russian Federation: Russian | Rwanda: Rwandan | Samoa: Samoan
Saudi Arabia: Saudi Arabian, Saudi | Scotland: Scottish, Scot | Senegal: Senegalese | Serbia: Serbian, Serb
Seychelles: Seychellois | Sierra Leone: Sierra Leonean | Singapore: Singaporean
Slovakia: Slovakian, Slovak | Slovenia: Slovenian, Slovene | Solomon Islands | Somalia: Somali, Somalian
South Africa: South African | South Korea, Korea: South Korean, Korean | South Sudan: South Sudanese
Spain: Spanish, Spaniard | Sri Lanka: Sri Lankan | Sudan: Sudanese | Suriname: Surinamese
Sweden: Swedish, Swede | Switzerland: Swiss | Syria: Syrian | Taiwan: Taiwanese
Tajikistan: Tajik | Tanzania: Tanzanian | Thailand: Thai | Togo: Togolese | Tonga: Tongan
Trinidad and Tobago: Trinidadian | Tunisia: Tunisian | Turkey, Türkiye: Turkish, Turk
Turkmenistan: Turkmen | Tuvalu: Tuvaluan | Uganda: Ugandan | Ukraine: Ukrainian
United Arab Emirates, UAE: Emirati | United Kingdom, Great Britain, Britain, UK, GB: British, Briton, Brit
United States, United States of America, America, US, USA: American | Uruguay: Uruguayan
Uzbekistan: Uzbek | Vanuatu | Venezuela: Venezuelan | Vietnam: Vietnamese | Wales: Welsh
Yemen: Yemeni | Zambia: Zambian | Zimbabwe: Zimbabwean
"""


def _read(table: str) -> tuple[dict[str, str], dict[str, str]]:
    """Names, adjectives and peoples in lower case → the country's first name; and initials → the same."""
    names: dict[str, str] = {}
    initials: dict[str, str] = {}
    for entry in re.split(r"\||\n", table):
        places, _, peoples = (
            [name.strip() for name in part.split(",")] for part in entry.partition(":")
        )
        first = places[0].lower()
        initials |= {place: first for place in places if place.isupper()}
        names |= {place.lower(): first for place in places if place and not place.isupper()}
        names |= {f"{people.lower()}{s}": first for people in peoples if people for s in ("", "s")}
    return names, initials


_READ: Final = _read(_TABLE)
COUNTRIES: Final = _READ[0]
"""Names of countries, adjectives and peoples in lower case → the country's first name.

>>> COUNTRIES["danes"], COUNTRIES["britain"]
('denmark', 'united kingdom')
"""
ACRONYMS: Final = _READ[1]
"""Countries by their initials, which are in capitals, since "us" is a pronoun."""
_LONGEST: Final = max(len(country.split()) for country in COUNTRIES)
_BEGINNINGS: Final = {country.split()[0] for country in COUNTRIES}


def with_countries(words: Sequence[str]) -> list[str]:
    """Words in lower case; those that name a country, its people or language become its first name.

    >>> with_countries(["The", "US", "and", "South", "Koreans"])
    ['the', 'united states', 'and', 'south korea']
    """
    result: list[str] = []
    at = 0
    while at < len(words):
        word, size = words[at].lower(), 1
        if word in _BEGINNINGS:
            for longer in range(_LONGEST, 0, -1):
                if country := COUNTRIES.get(" ".join(words[at : at + longer]).lower()):
                    word, size = country, min(longer, len(words) - at)
                    break
        result.append(ACRONYMS.get(words[at], word))
        at += size
    return result
